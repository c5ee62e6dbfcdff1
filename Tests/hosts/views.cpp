// views: what the wrapper takes as pictures, planes and tensors, and what it refuses. A part of the
// host `wrapper`.
#include "checking.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#if __cplusplus >= 202002L
#include <span>
#endif

using namespace faceseg;

// A view of a temporary container would outlive it; a plane cannot lie in constants, or in numbers of
// another kind.
template <class View, class... Arguments> constexpr bool makes = std::is_constructible_v<View, Arguments...>;
static_assert(makes<ImageView, Bytes &, int, int, Format> &&
              makes<ImageView, const Bytes &, int, int, Format>);
static_assert(!makes<ImageView, Bytes, int, int, Format> && !makes<ImageView, Floats &, int, int, Format>);
static_assert(makes<ImageView, std::vector<std::byte> &, int, int, Format>);
static_assert(makes<BytePlane, Bytes &, int, int> && makes<FloatPlane, Floats &, int, int>);
static_assert(!makes<BytePlane, const Bytes &, int, int> && !makes<BytePlane, Bytes, int, int>);
static_assert(!makes<BytePlane, Floats &, int, int> && !makes<FloatPlane, Bytes &, int, int>);
static_assert(!makes<BytePlane, const std::uint8_t *, int, int> && !makes<BytePlane, float *, int, int>);
static_assert(std::is_same_v<decltype(PlaneView(std::declval<Floats &>(), 1, 1)), FloatPlane>);
static_assert(std::is_same_v<decltype(PlaneView(std::declval<std::uint8_t *>(), 1, 1)), BytePlane>);
static_assert(std::is_same_v<decltype(PlaneView(std::declval<float (&)[4]>(), 1, 1)), FloatPlane>);

namespace {

Bytes labels(Session &session, const ImageView &image) {
    Bytes out(static_cast<std::size_t>(image.width()) * static_cast<std::size_t>(image.height()), 255);
    session.run(image);
    session.labels({out, image.width(), image.height()});
    return out;
}

void borrow(const Photo &photo) {
    CHECK(photo.view().get().plane[0] == photo.rgb.data());
    const std::uint8_t array[2 * 3 * 3] = {};
    CHECK(ImageView(array, 3, 2, Format::rgb8).get().plane[0] == array);
    CHECK(ImageView(array, 3, 2, Format::rgb8).get().row_bytes[0] == 9);
    const std::array<std::byte, 24> bytes{};
    CHECK(ImageView(bytes, 3, 2, Format::bgra8).get().plane[0] == bytes.data());
#if __cplusplus >= 202002L
    CHECK(ImageView(std::span(array), 3, 2, Format::rgb8).get().plane[0] == array);
    Bytes plane(6);
    const BytePlane view{std::span(plane), 3, 2};
    CHECK(view.get(3, 2).data == plane.data());
#endif
    Floats numbers(6);
    CHECK(TensorView(numbers, {1, 6}).data() == numbers.data());
    CHECK(TensorView(numbers, {1, 6}).shape() == std::vector<std::int64_t>({1, 6}));
    CHECK(std::distance(TensorView(numbers, {2, 3}).begin(), TensorView(numbers, {2, 3}).end()) == 6);
    CHECK(FloatPlane(numbers, 3, 2).get(3, 2).row_bytes == 12);
}

void refuse() {
    Bytes bytes(17);
    Floats numbers(6);
    CHECK_ERROR(invalid_argument, "the container holds 17 bytes, the view's rows take 18",
                ImageView(bytes, 3, 2, Format::rgb8));
    CHECK_ERROR(invalid_argument, "the container holds 17 bytes, the view's rows take 18",
                ImageView(bytes, 3, 2, Format::gray8, 15));
    ImageView(bytes, 2, 2, Format::gray8, 15); // the last row need not be a whole one
    CHECK_ERROR(invalid_argument, "the container holds 24 bytes, the view's rows take 28",
                FloatPlane(numbers, 7, 1));
    CHECK_ERROR(invalid_argument, "the container holds 17 bytes, the view's rows take 17592186044425",
                ImageView(bytes, 9, 17, Format::gray8, std::ptrdiff_t(1) << 40));
    CHECK_ERROR(invalid_argument, "6 numbers for a tensor of 8", TensorView(numbers, {2, 4}));
    CHECK_ERROR(invalid_argument, "6 numbers for a tensor of 0", TensorView(numbers, {-2, -3}));
    CHECK_ERROR(invalid_argument, "6 numbers for a tensor of 18446744073709551615",
                TensorView(numbers, {std::int64_t(1) << 62, 3, 3}));
    CHECK_ERROR(invalid_argument, "the shape has more than 8 dimensions",
                TensorView(numbers, {1, 1, 1, 1, 1, 1, 1, 1, 6}));
}

// Sizes that cannot be are the library's to refuse, with its own message.
void refuse_sizes(Session &session, const Photo &photo) {
    const auto run = [&](int width, int height, Format format, std::ptrdiff_t row_bytes) {
        session.run({photo.rgb, width, height, format, row_bytes});
    };
    CHECK_ERROR(invalid_argument, "width 0 is not between 1 and 16384", run(0, 4, Format::rgb8, 0));
    CHECK_ERROR(invalid_argument, "height 16385 is not between 1 and 16384", run(4, 16385, Format::rgb8, 0));
    CHECK_ERROR(invalid_argument, "height -1 is not between 1 and 16384", run(4, -1, Format::rgb8, 0));
    CHECK_ERROR(invalid_argument, "row_bytes 5 is below 3 * width = 6", run(2, 2, Format::rgb8, 5));
    CHECK_ERROR(invalid_argument, "row_bytes -6 is below 3 * width = 6", run(2, 2, Format::rgb8, -6));
    CHECK_ERROR(invalid_argument, "row_bytes 1099511627777 is above 1099511627776",
                run(2, 2, Format::rgb8, (std::ptrdiff_t(1) << 40) + 1));
    CHECK_ERROR(invalid_argument, "format 9 is none of FACESEG_RGB8 and the rest",
                run(2, 2, static_cast<Format>(9), 0));
    CHECK_ERROR(invalid_argument, "image.plane[0] is NULL", session.run({nullptr, 2, 2, Format::rgb8}));
    // None of these left the photo before as the one whose results are given.
    Bytes out(photo.count());
    CHECK_ERROR(no_result, "no result: run a photo first", session.labels({out, photo.width, photo.height}));
}

// Rows further apart than they are long, in and out, and every format: the same labels, and bytes
// between rows untouched.
void stride(Session &session, const Photo &photo) {
    const Bytes expected = labels(session, photo.view());
    const auto width = static_cast<std::size_t>(photo.width), height = static_cast<std::size_t>(photo.height);
    for (const Format format : {Format::rgb8, Format::bgr8, Format::rgba8, Format::bgra8}) {
        const bool blue_first = format == Format::bgr8 || format == Format::bgra8;
        const auto pixel = static_cast<std::size_t>(pixel_bytes(format)), row = pixel * width + 5;
        Bytes padded(row * height, 77), out((width + 3) * height, 77);
        for (std::size_t i = 0; i < photo.count(); ++i)
            for (std::size_t c = 0; c < 3; ++c)
                padded[i / width * row + i % width * pixel + c] = photo.rgb[3 * i + (blue_first ? 2 - c : c)];
        session.run({padded, photo.width, photo.height, format, static_cast<std::ptrdiff_t>(row)});
        session.labels({out, photo.width, photo.height, photo.width + 3});
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < out.size(); ++i) {
            const std::size_t x = i % (width + 3), y = i / (width + 3);
            wrong += out[i] != (x < width ? expected[y * width + x] : 77);
        }
        CHECK(wrong == 0);
    }
    const Bytes grey(photo.count(), 90);
    CHECK(labels(session, {grey, photo.width, photo.height, Format::gray8}).size() == photo.count());
}

// A plane of another size than the photo's would be written beyond its end.
void refuse_planes(Session &session, const Photo &photo) {
    session.run(photo.view());
    const int width = photo.width, height = photo.height;
    const std::string size = std::to_string(width) + " x " + std::to_string(height);
    Bytes small(photo.count());
    Floats numbers(photo.count());
    CHECK_ERROR(invalid_argument, "the plane is 4 x 3, the result " + size, session.labels({small, 4, 3}));
    CHECK_ERROR(invalid_argument, "the plane is 4 x 3, the result " + size,
                session.probability(0, {numbers, 4, 3}));
    CHECK_ERROR(invalid_argument, "the plane is 4 x 3, the result " + size,
                session.alpha(Target::head, {small, 4, 3}));
    CHECK_ERROR(invalid_argument,
                "the plane is " + size + ", the result " + std::to_string(3 * width) + "...",
                session.overlay({small, width, height}));
    CHECK_ERROR(invalid_argument, "the plane is 4 x 3, the result " + size,
                segment(photo.view(), {small, 4, 3}));
    CHECK_ERROR(invalid_argument, "row_bytes 1 is below width = " + std::to_string(width),
                session.labels({small.data(), width, height, 1}));
    CHECK_ERROR(invalid_argument, "out.data is NULL",
                session.labels({static_cast<std::uint8_t *>(nullptr), width, height}));
}

} // namespace

void check_views(const Photo &photo) {
    Session session{Model()};
    borrow(photo);
    refuse();
    stride(session, photo);
    refuse_planes(session, photo);
    refuse_sizes(session, photo);
}
