// pictures: what the wrapper does without a model, and frames of video, against the C face. A part of the
// host `wrapper`.
#include "checking.hpp"

#include <algorithm>
#include <cmath>

using namespace faceseg;

namespace {

// Alpha and colours of the photo with a trimap of three stripes.
void matting_is_the_c_face(const Photo &photo) {
    const int width = photo.width, height = photo.height;
    Bytes trimap(photo.count()), bytes(photo.count()), colors(3 * photo.count()), expected(3 * photo.count());
    std::vector<float> alpha(photo.count()), wanted(photo.count());
    for (std::size_t i = 0; i < trimap.size(); ++i) {
        const int x = static_cast<int>(i) % width;
        trimap[i] = x < width / 2 - 20 ? 0 : x > width / 2 + 20 ? 255 : 128;
    }
    matte(photo.view(), {trimap, width, height}, FloatPlane(alpha, width, height), 2);
    matte(photo.view(), {trimap, width, height}, BytePlane(bytes, width, height));
    foreground(photo.view(), FloatPlane(alpha, width, height), {colors, 3 * width, height});
    const faceseg_plane known = {trimap.data(), width, FACESEG_U8},
                        floats = {wanted.data(), 4 * static_cast<std::ptrdiff_t>(width), FACESEG_F32};
    CHECK(!faceseg_matte(&photo.view().get(), known, floats, nullptr, nullptr) && alpha == wanted);
    CHECK(!faceseg_foreground(&photo.view().get(), floats,
                              {expected.data(), 3 * static_cast<std::ptrdiff_t>(width), FACESEG_U8},
                              nullptr));
    CHECK(colors == expected);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        CHECK(std::fabs(static_cast<float>(bytes[i]) - 255 * alpha[i]) <= 0.51f);
    Bytes nothing(photo.count(), 128);
    try {
        matte(photo.view(), {nothing, width, height}, BytePlane(bytes, width, height));
        CHECK(false);
    } catch (const Error &error) {
        CHECK(error.status() == Status::invalid_argument);
    }
}

// The left half in another colour, half as strong.
void recoloring_is_the_c_face(const Photo &photo) {
    const int width = photo.width, height = photo.height;
    Bytes alpha(photo.count()), colors(3 * photo.count()), expected(3 * photo.count());
    for (std::size_t i = 0; i < alpha.size(); ++i)
        alpha[i] = static_cast<int>(i) % width < width / 2 ? 255 : 0;
    recolor(photo.view(), BytePlane(alpha, width, height), 0x8A2BE2, {colors, 3 * width, height}, 0.5F, 2);
    faceseg_recolor_options options;
    faceseg_recolor_options_init(&options);
    options.strength = 0.5F;
    const faceseg_plane out = {expected.data(), 3 * static_cast<std::ptrdiff_t>(width), FACESEG_U8};
    CHECK(!faceseg_recolor(&photo.view().get(), {alpha.data(), width, FACESEG_U8}, 0x8A2BE2, out, &options,
                           nullptr));
    CHECK(colors == expected && colors != photo.rgb);
    for (std::size_t i = 0; i < alpha.size(); ++i)
        CHECK(alpha[i] || std::equal(&colors[3 * i], &colors[3 * i] + 3, &photo.rgb[3 * i]));
    try {
        recolor(photo.view(), BytePlane(alpha, width, height), 0x1000000, {colors, 3 * width, height});
        CHECK(false);
    } catch (const Error &error) {
        CHECK(error.status() == Status::invalid_argument);
    }
}

// Grey as NV12 and I420: without colours the pixels are the brightness itself.
void frames_of_video(const Photo &photo) {
    const int width = photo.width, height = photo.height, half = (width + 1) / 2;
    const Bytes chroma(4 * photo.count(), 128);
    Bytes luma(photo.count()), wanted(photo.count()), labels(photo.count());
    for (std::size_t i = 0; i < luma.size(); ++i)
        luma[i] = photo.rgb[3 * i + 1];
    segment({luma, width, height, Format::gray8}, {wanted, width, height});
    CHECK(std::count(wanted.begin(), wanted.end(), 0) < static_cast<std::ptrdiff_t>(wanted.size()));
    segment(
        {FACESEG_NV12 | FACESEG_FULL_RANGE, width, height, {luma.data(), width}, {chroma.data(), 2 * half}},
        {labels, width, height});
    CHECK(labels == wanted);
    Session session{Model()};
    session.run({FACESEG_I420 | FACESEG_FULL_RANGE | FACESEG_BT709,
                 width,
                 height,
                 {luma.data(), width},
                 {chroma.data(), half},
                 {chroma.data(), half}});
    session.labels({labels, width, height});
    CHECK(labels == wanted);
    CHECK_ERROR(invalid_argument, "image.plane[1] is NULL...",
                session.run({FACESEG_NV12, width, height, {luma.data(), width}, {nullptr, 0}}));
}

} // namespace

void check_pictures(const Photo &photo) {
    matting_is_the_c_face(photo);
    recoloring_is_the_c_face(photo);
    frames_of_video(photo);
}
