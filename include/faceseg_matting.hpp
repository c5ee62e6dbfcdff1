// faceseg_matting.hpp - matting of any photo with any trimap, without a model. A part of faceseg.hpp, which
// is what to include.
#ifndef FACESEG_MATTING_HPP
#define FACESEG_MATTING_HPP

#include "faceseg_views.hpp"

namespace faceseg {

// Alpha from a trimap (0 background, 255 foreground, others unknown), and the foreground's own colours, R, G,
// B, so out is 3 * width bytes wide; as faceseg_matte and faceseg_foreground say. Throw invalid_argument,
// out_of_memory. threads: 0: runtime().threads. Since 0.1.
template <class Plane> void matte(const ImageView &image, BytePlane trimap, Plane alpha, int threads = 0) {
    faceseg_matte_options raw;
    faceseg_matte_options_init(&raw);
    raw.threads = threads;
    detail::call(faceseg_matte, &image.get(), trimap.get(image.width(), image.height()),
                 alpha.get(image.width(), image.height()), &raw);
}
template <class Plane> void foreground(const ImageView &image, Plane alpha, BytePlane out) {
    detail::call(faceseg_foreground, &image.get(), alpha.get(image.width(), image.height()),
                 out.get(3 * image.width(), image.height()));
}

} // namespace faceseg

#endif
