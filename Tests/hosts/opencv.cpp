// opencv: a host that hands cv::Mat to the installed library, as examples/opencv does: the pixels are not
// copied, and parts of images give what their copies give. Usage: opencv PHOTO.png PHOTO.ppm
// (the same picture)
#include "checking.hpp"
#include "faceseg_opencv.hpp"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

using namespace faceseg;

namespace {

bool same(const cv::Mat &a, const cv::Mat &b) {
    return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

cv::Mat labels(Session &session, const cv::Mat &image) {
    cv::Mat out(image.size(), CV_8UC1);
    session.run(image_view(image));
    session.labels(byte_plane(out));
    return out;
}

cv::Mat converted(const cv::Mat &image, int code) {
    cv::Mat out;
    cv::cvtColor(image, out, code);
    return out;
}

void formats(Session &session, const cv::Mat &image, const Photo &photo) {
    Bytes expected(photo.count());
    segment(photo.view(), {expected, photo.width, photo.height}); // red first, without OpenCV
    const cv::Mat wanted(image.size(), CV_8UC1, expected.data());
    CHECK(image.type() == CV_8UC3 && same(labels(session, image), wanted));
    CHECK(same(labels(session, converted(image, cv::COLOR_BGR2BGRA)), wanted));
    const cv::Mat grey = converted(image, cv::COLOR_BGR2GRAY);
    Bytes grey_expected(photo.count());
    session.run({grey.data, grey.cols, grey.rows, Format::gray8});
    session.labels({grey_expected, grey.cols, grey.rows});
    const cv::Mat grey_wanted(grey.size(), CV_8UC1, grey_expected.data());
    CHECK(grey.type() == CV_8UC1 && same(labels(session, grey), grey_wanted));
    CHECK(cv::countNonZero(grey_wanted) > 0);
}

void parts(Session &session, const cv::Mat &image) {
    const cv::Rect place(130, 3, 201, 255);
    for (const int code : {-1, int(cv::COLOR_BGR2BGRA), int(cv::COLOR_BGR2GRAY)}) {
        const cv::Mat whole = code < 0 ? image : converted(image, code), part = whole(place);
        const faceseg_image view = image_view(part).get();
        CHECK(!part.isContinuous() && view.plane[0] == part.data &&
              view.row_bytes[0] == std::ptrdiff_t(whole.step));
        CHECK(same(labels(session, part), labels(session, part.clone())));
    }
    // Results into a part of a larger image: nothing around it changes.
    cv::Mat board(image.size(), CV_8UC1, cv::Scalar(77)), numbers(image.size(), CV_32FC1, cv::Scalar(77));
    cv::Mat picture(image.size(), CV_8UC3, cv::Scalar(77, 77, 77));
    cv::Mat inside = board(place), inside_numbers = numbers(place), inside_picture = picture(place);
    cv::Mat alpha(place.size(), CV_8UC1), alpha_numbers(place.size(), CV_32FC1),
        overlay(place.size(), CV_8UC3);
    session.run(image_view(image(place)));
    session.alpha(Target::head, byte_plane(inside));
    session.alpha(Target::head, byte_plane(alpha));
    session.alpha(Target::head, float_plane(inside_numbers));
    session.alpha(Target::head, float_plane(alpha_numbers));
    session.overlay(byte_plane(inside_picture));
    session.overlay(byte_plane(overlay));
    CHECK(same(inside, alpha) && same(inside_numbers, alpha_numbers) && same(inside_picture, overlay));
    CHECK(cv::countNonZero(alpha > 128) > 1000);
    inside.setTo(77), inside_numbers.setTo(77), inside_picture.setTo(cv::Scalar(77, 77, 77));
    CHECK(cv::countNonZero(board != 77) == 0 && cv::countNonZero(numbers != 77) == 0);
    CHECK(cv::countNonZero(picture.reshape(1) != 77) == 0);
}

void refused(Session &session, const cv::Mat &image) {
    const std::string wanted = "; CV_8UC3, CV_8UC4 or CV_8UC1 with two dimensions is wanted";
    CHECK_ERROR(invalid_argument, "a cv::Mat of type CV_16UC3" + wanted, image_view(cv::Mat(4, 4, CV_16UC3)));
    CHECK_ERROR(invalid_argument, "a cv::Mat of type CV_32FC1" + wanted, image_view(cv::Mat(4, 4, CV_32FC1)));
    CHECK_ERROR(invalid_argument, "a cv::Mat of type CV_8UC2" + wanted, image_view(cv::Mat(4, 4, CV_8UC2)));
    CHECK_ERROR(invalid_argument, "a cv::Mat of type CV_8UC1" + wanted,
                image_view(cv::Mat({2, 4, 4}, CV_8UC1)));
    CHECK_ERROR(invalid_argument, "image.plane[0] is NULL", session.run(image_view(cv::Mat())));
    cv::Mat bytes(4, 4, CV_8UC1), numbers(4, 4, CV_32FC1);
    CHECK_ERROR(invalid_argument, "a cv::Mat of type CV_32FC1; CV_8UC1, or CV_8UC3 for an overlay, is wanted",
                byte_plane(numbers));
    CHECK_ERROR(invalid_argument, "a cv::Mat of type CV_8UC1; CV_32FC1 is wanted", float_plane(bytes));
    session.run(image_view(image));
    CHECK_ERROR(invalid_argument, "the plane is 4 x 4, the result ...", session.labels(byte_plane(bytes)));
}

} // namespace

int main(int argc, char **argv) try {
    if (argc != 3)
        throw std::runtime_error("usage: opencv PHOTO.png PHOTO.ppm");
    const cv::Mat image = cv::imread(argv[1], cv::IMREAD_COLOR);
    Session session{Model()};
    formats(session, image, read_ppm(argv[2]));
    parts(session, image);
    refused(session, image);
    std::printf("OpenCV %s: %d checks, %d failed\n", CV_VERSION, tally.checks, tally.failures);
    return tally.failures != 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
