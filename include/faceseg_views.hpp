// faceseg_views.hpp - errors, and views of a caller's memory. A part of faceseg.hpp, which is what to
// include.
#ifndef FACESEG_VIEWS_HPP
#define FACESEG_VIEWS_HPP

#include "faceseg.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>
#if __cplusplus >= 202002L
#include <ranges>
#endif

namespace faceseg {

// ---- Errors -------------------------------------------------------------------------------------

enum class Status : std::int32_t {
    ok = FACESEG_OK,
    invalid_argument = FACESEG_INVALID_ARGUMENT,
    file_error = FACESEG_FILE_ERROR,
    model_error = FACESEG_MODEL_ERROR,
    shape_error = FACESEG_SHAPE_ERROR,
    out_of_memory = FACESEG_OUT_OF_MEMORY,
    cancelled = FACESEG_CANCELLED,
    unsupported = FACESEG_UNSUPPORTED,
    no_result = FACESEG_NO_RESULT
};

// "FACESEG_OK" and so on. A static string. Since 0.1.
inline const char *status_name(Status status) { return faceseg_status_name(static_cast<int>(status)); }

// What every function here throws, besides std::bad_alloc. what() is the library's message, UTF-8. Since 0.1.
class Error : public std::runtime_error {
  public:
    Error(Status status, const std::string &message) : std::runtime_error(message), status_(status) {}
    Status status() const noexcept { return status_; }

  private:
    Status status_;
};

// ---- Not for callers ----------------------------------------------------------------------------

namespace detail {

// A view of a temporary would outlive its pixels: containers must be named, C++20's views (spans) need not.
#if defined(__cpp_lib_ranges)
template <class Range>
inline constexpr bool is_borrowable = std::is_lvalue_reference_v<Range> || std::ranges::borrowed_range<Range>;
#else
template <class Range> inline constexpr bool is_borrowable = std::is_lvalue_reference_v<Range>;
#endif

template <class Range>
using Element = std::remove_pointer_t<decltype(std::data(std::declval<std::remove_reference_t<Range> &>()))>;

// A contiguous container of known size whose elements are Wanted, or anything of one byte where that is void.
template <class Range, class Wanted, class = void> inline constexpr bool holds = false;
template <class Range, class Wanted>
inline constexpr bool holds<Range, Wanted,
                            std::void_t<Element<Range>, decltype(std::size(std::declval<Range &>()))>> =
    is_borrowable<Range> &&
    (std::is_void_v<Wanted>
         ? sizeof(Element<Range>) == 1 && std::is_trivially_copyable_v<Element<Range>>
         : std::is_same_v<std::conditional_t<std::is_const_v<Wanted>, const Element<Range>, Element<Range>>,
                          Wanted>);

// Refuses a container that ends before the view's last row. Sides and steps that cannot be are left to the
// library, which refuses them.
inline void check_size(std::size_t bytes, std::int64_t rows, std::int64_t row_bytes, std::int64_t length) {
    if (rows < 1 || rows > 16384 || length < 1 || row_bytes < length || row_bytes > std::int64_t(1) << 40)
        return;
    const std::int64_t needed = (rows - 1) * row_bytes + length;
    if (bytes < static_cast<std::uint64_t>(needed))
        throw Error(Status::invalid_argument, "the container holds " + std::to_string(bytes) +
                                                  " bytes, the view's rows take " + std::to_string(needed));
}

// For the C face: NULL where there is none.
inline const char *c_text(const std::string &text, const char *name) {
    if (text.find('\0') != std::string::npos)
        throw Error(Status::invalid_argument, std::string(name) + " has a zero character inside");
    return text.empty() ? nullptr : text.c_str();
}

inline void check(faceseg_status status, const faceseg_error &error) {
    if (status != FACESEG_OK)
        throw Error(static_cast<Status>(status), error.message);
}

template <class Function, class... Arguments> void call(Function *function, Arguments... arguments) {
    faceseg_error error;
    const faceseg_status status = function(arguments..., &error);
    check(status, error);
}

} // namespace detail

// ---- Pictures in, planes out: views of memory that stays yours ----------------------------------

enum class Format : std::int32_t {
    rgb8 = FACESEG_RGB8,
    bgr8 = FACESEG_BGR8,
    rgba8 = FACESEG_RGBA8,
    bgra8 = FACESEG_BGRA8,
    gray8 = FACESEG_GRAY8
};

// Bytes a pixel. Since 0.1.
constexpr int pixel_bytes(Format format) noexcept {
    return format == Format::gray8 ? 1 : format == Format::rgba8 || format == Format::bgra8 ? 4 : 3;
}

// A photo, only read. width and height: pixels, 1 to 16384; row_bytes: from row to row, 0 where rows touch.
// Sizes out of range are refused when it is used. Since 0.1.
class ImageView {
  public:
    ImageView(const void *pixels, int width, int height, Format format, std::ptrdiff_t row_bytes = 0) noexcept
        : image_{} {
        image_.plane[0] = pixels;
        image_.row_bytes[0] = row_bytes ? row_bytes : std::ptrdiff_t(pixel_bytes(format)) * width;
        image_.width = width;
        image_.height = height;
        image_.format = static_cast<std::int32_t>(format);
    }

    // Of a container of bytes (std::vector, std::array, std::span ...), which must hold all rows.
    template <class Bytes, class = std::enable_if_t<detail::holds<Bytes, void>>>
    ImageView(Bytes &&pixels, int width, int height, Format format, std::ptrdiff_t row_bytes = 0)
        : ImageView(static_cast<const void *>(std::data(pixels)), width, height, format, row_bytes) {
        detail::check_size(std::size(pixels), height, image_.row_bytes[0],
                           std::int64_t(pixel_bytes(format)) * width);
    }

    // A frame of video, for Session::run and segment: its planes as faceseg.h says, each with its row bytes.
    // format: FACESEG_NV12, FACESEG_NV21 or FACESEG_I420, with FACESEG_BT709 and FACESEG_FULL_RANGE added.
    // The third plane is I420's alone.
    struct FramePlane {
        const void *data;
        std::ptrdiff_t row_bytes;
    };
    ImageView(std::int32_t format, int width, int height, FramePlane luma, FramePlane chroma,
              FramePlane red = {nullptr, 0}) noexcept
        : image_{{luma.data, chroma.data, red.data},
                 {luma.row_bytes, chroma.row_bytes, red.row_bytes},
                 width,
                 height,
                 format} {}

    int width() const noexcept { return image_.width; }
    int height() const noexcept { return image_.height; }
    const faceseg_image &get() const noexcept { return image_; }

  private:
    faceseg_image image_;
};

// Where a result goes: height rows of width elements, bytes or floats; row_bytes as in ImageView. Bytes
// between rows stay as they are. Since 0.1.
template <class T> class PlaneView {
    static_assert(std::is_same_v<T, std::uint8_t> || std::is_same_v<T, float>, "planes hold bytes or floats");

  public:
    PlaneView(T *data, int width, int height, std::ptrdiff_t row_bytes = 0) noexcept
        : plane_{data, row_bytes ? row_bytes : std::ptrdiff_t(sizeof(T)) * width,
                 std::is_same_v<T, float> ? FACESEG_F32 : FACESEG_U8},
          width_(width), height_(height) {}

    // Of a container of T, which must hold all rows.
    template <class Range, class = std::enable_if_t<detail::holds<Range, T>>>
    PlaneView(Range &&data, int width, int height, std::ptrdiff_t row_bytes = 0)
        : PlaneView(std::data(data), width, height, row_bytes) {
        detail::check_size(std::size(data) * sizeof(T), height, plane_.row_bytes,
                           std::int64_t(sizeof(T)) * width);
    }

    int width() const noexcept { return width_; }
    int height() const noexcept { return height_; }

    // The C form, for a result of this size; throws for another.
    faceseg_plane get(int width, int height) const {
        if (width_ != width || height_ != height)
            throw Error(Status::invalid_argument, "the plane is " + std::to_string(width_) + " x " +
                                                      std::to_string(height_) + ", the result " +
                                                      std::to_string(width) + " x " + std::to_string(height));
        return plane_;
    }

  private:
    faceseg_plane plane_;
    int width_, height_;
};

template <class Range> PlaneView(Range &&, int, int, std::ptrdiff_t = 0) -> PlaneView<detail::Element<Range>>;
template <class T> PlaneView(T *, int, int, std::ptrdiff_t = 0) -> PlaneView<T>;

using BytePlane = PlaneView<std::uint8_t>;
using FloatPlane = PlaneView<float>;

// Numbers as Caffe's blobs hold them, only read: the last dimension contiguous, 0 to 8 dimensions. Since 0.1.
class TensorView {
  public:
    template <class Shape = std::initializer_list<std::int64_t>>
    TensorView(const float *numbers, const Shape &shape) : tensor_{} {
        for (const auto side : shape) {
            if (tensor_.rank == 8)
                throw Error(Status::invalid_argument, "the shape has more than 8 dimensions");
            tensor_.shape[tensor_.rank++] = static_cast<std::int64_t>(side);
        }
        tensor_.data = numbers;
    }

    // Of a container of floats, as many as the shape says.
    template <class Range, class Shape = std::initializer_list<std::int64_t>,
              class = std::enable_if_t<detail::holds<Range, const float>>>
    TensorView(Range &&numbers, const Shape &shape)
        : TensorView(static_cast<const float *>(std::data(numbers)), shape) {
        if (std::size(numbers) != size())
            throw Error(Status::invalid_argument, std::to_string(std::size(numbers)) +
                                                      " numbers for a tensor of " + std::to_string(size()));
    }

    explicit TensorView(const faceseg_tensor &tensor) noexcept : tensor_(tensor) {}

    const float *data() const noexcept { return tensor_.data; }
    const float *begin() const noexcept { return data(); }
    const float *end() const noexcept { return data() + size(); }
    std::vector<std::int64_t> shape() const { return {tensor_.shape, tensor_.shape + tensor_.rank}; }
    const faceseg_tensor &get() const noexcept { return tensor_; }

    // The sides' product; the largest number there is where it is beyond, 0 where a side is negative.
    std::size_t size() const noexcept {
        std::uint64_t count = 1;
        for (int i = 0; i < tensor_.rank; ++i) {
            const std::uint64_t side =
                tensor_.shape[i] > 0 ? static_cast<std::uint64_t>(tensor_.shape[i]) : 0;
            const bool fits = side == 0 || count <= std::numeric_limits<std::uint64_t>::max() / side;
            count = fits ? count * side : std::numeric_limits<std::uint64_t>::max();
        }
        return static_cast<std::size_t>(count);
    }

  private:
    faceseg_tensor tensor_;
};

} // namespace faceseg

#endif
