// faceseg_model.hpp - a model: immutable, shared by any number of threads. A part of faceseg.hpp, which is
// what to include.
#ifndef FACESEG_MODEL_HPP
#define FACESEG_MODEL_HPP

#include "faceseg_views.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace faceseg {

// What a plain Caffe file does not say; what is left out is the file's own, else FaceFCN's. Since 0.1.
struct ModelOptions {
    std::string prototxt_path = {}; // the network's description, where the caffemodel's own is not wanted
    std::optional<std::array<float, 3>> mean = {}; // B, G, R, subtracted from 0..255
    std::optional<float> scale = {};               // multiplied afterwards
    int working_size = 0;         // longest side in the network, 1 to 4096; -1: the photo's own
    int reduce_size = 0;          // longest side to reduce to before that; -1: none
    std::string class_names = {}; // "background,face,hair": one a class, by commas
};

enum class Text : std::int32_t {
    name = FACESEG_TEXT_NAME,
    version = FACESEG_TEXT_VERSION,
    license = FACESEG_TEXT_LICENSE, // of the weights: what they may be used for
    description = FACESEG_TEXT_DESCRIPTION,
    accuracy = FACESEG_TEXT_ACCURACY
};

namespace detail {

struct ModelCloser {
    void operator()(faceseg_model *model) const noexcept { faceseg_model_close(model); }
};

} // namespace detail

class Model {
  public:
    // The network inside the library: background, face, hair. Since 0.1.
    Model() { open(faceseg_model_open_builtin); }

    // The library's small network: a quarter of the arithmetic, for weak machines. Since 0.1.
    static Model small() {
        Model model{nullptr};
        model.open(faceseg_model_open_builtin_small);
        return model;
    }

    // Opens a .caffemodel; the file stays open until the first session has read its weights. path: UTF-8.
    // Throws file_error, model_error, invalid_argument. Since 0.1.
    explicit Model(const std::string &path, const ModelOptions &options = {}) {
        const auto raw = translated(options);
        const char *file = detail::c_text(path, "path");
        open(faceseg_model_open, file ? file : "", &raw);
    }

    // The same from memory, of which everything needed is copied before it returns. Since 0.1.
    static Model from_memory(const void *bytes, std::size_t size, const ModelOptions &options = {}) {
        Model model{nullptr};
        const auto raw = translated(options);
        model.open(faceseg_model_open_memory, bytes, size, &raw);
        return model;
    }

    // Classes of the main output. Since 0.1.
    int class_count() const noexcept { return faceseg_model_class_count(get()); }
    // Name of a class, from 0; none beyond the classes, or where there are more than 256. Since 0.1.
    std::optional<std::string> class_name(int index) const {
        const char *name = faceseg_model_class_name(get(), index);
        return name ? std::optional<std::string>(name) : std::nullopt;
    }
    // Weights, counted as numbers. Since 0.1.
    std::int64_t parameter_count() const noexcept { return faceseg_model_parameter_count(get()); }
    // What the model says of itself, "" where it says nothing. Since 0.1.
    std::string text(Text which) const {
        const char *text = faceseg_model_text(get(), static_cast<std::int32_t>(which));
        return text ? text : "";
    }

    // The C handle, this object's; NULL after a move.
    const faceseg_model *get() const noexcept { return model_.get(); }

  private:
    explicit Model(std::nullptr_t) noexcept {}

    template <class Function, class... Arguments> void open(Function *function, Arguments... arguments) {
        faceseg_model *model = nullptr;
        detail::call(function, arguments..., &model);
        model_.reset(model);
    }

    // Borrows the texts of `options`.
    static faceseg_model_options translated(const ModelOptions &options) {
        faceseg_model_options raw;
        faceseg_model_options_init(&raw);
        raw.prototxt_path = detail::c_text(options.prototxt_path, "prototxt_path");
        for (std::size_t i = 0; options.mean && i < 3; ++i)
            raw.mean[i] = (*options.mean)[i];
        if (options.scale)
            raw.scale = *options.scale;
        raw.working_size = options.working_size;
        raw.reduce_size = options.reduce_size;
        raw.class_names = detail::c_text(options.class_names, "class_names");
        return raw;
    }

    std::unique_ptr<faceseg_model, detail::ModelCloser> model_;
};

} // namespace faceseg

#endif
