// faceseg_opencv.hpp - cv::Mat as faceseg's views: pixels stay where they are, in whole images and in parts
// of them. To be copied into your program.
#ifndef FACESEG_OPENCV_HPP
#define FACESEG_OPENCV_HPP

#include <faceseg.hpp>
#include <opencv2/core.hpp>

inline faceseg::Error wrong_type(const cv::Mat &mat, const std::string &wanted) {
    return {faceseg::Status::invalid_argument,
            "a cv::Mat of type " + cv::typeToString(mat.type()) + "; " + wanted + " is wanted"};
}

// A photo as OpenCV holds it: CV_8UC3 (blue first), CV_8UC4 (its alpha is passed over), CV_8UC1 (grey).
inline faceseg::ImageView image_view(const cv::Mat &image) {
    using faceseg::Format;
    if (image.dims > 2 || (image.type() != CV_8UC3 && image.type() != CV_8UC4 && image.type() != CV_8UC1))
        throw wrong_type(image, "CV_8UC3, CV_8UC4 or CV_8UC1 with two dimensions");
    const Format format = image.channels() == 3   ? Format::bgr8
                          : image.channels() == 4 ? Format::bgra8
                                                  : Format::gray8;
    return {image.data, image.cols, image.rows, format, static_cast<std::ptrdiff_t>(image.step)};
}

// Where labels, alpha or probabilities go (CV_8UC1), or an overlay (CV_8UC3, which then is red first).
inline faceseg::BytePlane byte_plane(cv::Mat &out) {
    if (out.dims > 2 || out.depth() != CV_8U)
        throw wrong_type(out, "CV_8UC1, or CV_8UC3 for an overlay,");
    return {out.data, out.cols * out.channels(), out.rows, static_cast<std::ptrdiff_t>(out.step)};
}

// Where alpha or probabilities go as numbers of 0..1 (CV_32FC1).
inline faceseg::FloatPlane float_plane(cv::Mat &out) {
    if (out.dims > 2 || out.type() != CV_32FC1)
        throw wrong_type(out, "CV_32FC1");
    return {out.ptr<float>(), out.cols, out.rows, static_cast<std::ptrdiff_t>(out.step)};
}

#endif
