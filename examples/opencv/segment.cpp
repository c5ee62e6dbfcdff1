// segment: cuts the head out of a photo: cv::Mat in, cv::Mat out, no copy in between.
//     c++ -std=c++17 segment.cpp $(pkg-config --cflags --libs opencv4 faceseg) -o segment
//     ./segment photo.jpg cutout.png
#include "faceseg_opencv.hpp"

#include <cstdio>
#include <opencv2/imgcodecs.hpp>

int main(int argc, char **argv) try {
    const cv::Mat photo = argc == 3 ? cv::imread(argv[1], cv::IMREAD_COLOR) : cv::Mat();
    if (photo.empty())
        return std::fprintf(stderr, "usage: segment photo.jpg cutout.png\n"), 2;

    faceseg::Session session{faceseg::Model()};
    cv::Mat labels(photo.size(), CV_8UC1), alpha(photo.size(), CV_8UC1), cutout;
    session.run(image_view(photo));
    session.labels(byte_plane(labels)); // 0 background, 1 face, 2 hair
    session.alpha(faceseg::Target::head, byte_plane(alpha));

    const double percent = 100.0 / static_cast<double>(photo.total());
    std::printf("face %.1f %%, hair %.1f %%\n", cv::countNonZero(labels == 1) * percent,
                cv::countNonZero(labels == 2) * percent);
    cv::merge(std::vector<cv::Mat>{photo, alpha}, cutout);
    return cv::imwrite(argv[2], cutout) ? 0 : 1;
} catch (const std::exception &error) { // faceseg's and OpenCV's
    return std::fprintf(stderr, "%s\n", error.what()), 1;
}
