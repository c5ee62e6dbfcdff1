// faceseg_recoloring.hpp - hair, skin, or whatever an alpha shows in another colour, without a model. A part
// of faceseg.hpp, which is what to include.
#ifndef FACESEG_RECOLORING_HPP
#define FACESEG_RECOLORING_HPP

#include "faceseg_views.hpp"

namespace faceseg {

// The image with what alpha shows in another colour, 0xRRGGBB; out is 3 * width bytes wide: R, G, B; as
// faceseg_recolor says. Throws invalid_argument, out_of_memory. strength: 0 to 1. threads: 0:
// runtime().threads. Since 0.1.
template <class Plane>
void recolor(const ImageView &image, Plane alpha, std::uint32_t color, BytePlane out, float strength = 1,
             int threads = 0) {
    faceseg_recolor_options raw;
    faceseg_recolor_options_init(&raw);
    raw.strength = strength;
    raw.threads = threads;
    detail::call(faceseg_recolor, &image.get(), alpha.get(image.width(), image.height()), color,
                 out.get(3 * image.width(), image.height()), &raw);
}

} // namespace faceseg

#endif
