// faceseg.hpp - face, hair and background of a photo, in process. C++17 and later, over faceseg.h alone.
//
//     std::vector<std::uint8_t> rgb = ..., labels(480 * 640);          // your photo, room for its labels
//     faceseg::segment({rgb, 640, 480, faceseg::Format::rgb8}, {labels, 640, 480});
//                                                                      // 0 background, 1 face, 2 hair
//     const faceseg::Model model;                                      // the network inside the library
//     faceseg::Session session(model);
//     session.run({frame.data, frame.width, frame.height, faceseg::Format::bgr8, frame.row_bytes});
//     session.alpha(faceseg::Target::head, {alpha, frame.width, frame.height});   // bytes, or floats 0..1
//
// Ownership  Model and Session own what they opened and can be moved, not copied. A session keeps its model
//            alive, so the order of their ends never matters. Views own nothing, and pixels are never copied.
//            Results are written during the call. A photo alone is kept: run() borrows it until the session's
//            next run or end, so leave it in place and unchanged.
// Threads    A model may be used by any number of threads, a session by one at a time; Session::cancel alone
//            may be called from another while the session is neither moved nor destroyed.
// Errors     faceseg::Error, with a status and a message that says what, where and what to do. What your own
//            callables throw cancels the call that they were called from, and comes out of it unchanged.
//            After an exception a session works as before; a run that threw leaves no result. An object that
//            was moved from refuses.
// The rest   faceseg.h says what each function does: units, ranges, files. get() gives its handles, for
//            calling it directly. This header needs exceptions; it adds no symbol to the library's.
#ifndef FACESEG_HPP
#define FACESEG_HPP

#include "faceseg_crf.hpp"
#include "faceseg_matting.hpp"
#include "faceseg_model.hpp"
#include "faceseg_recoloring.hpp"
#include "faceseg_runtime.hpp"
#include "faceseg_views.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>

namespace faceseg {

// ---- Session: scratch memory, one thread at a time ----------------------------------------------

// One stage's task, for a parallel-for of your own: may be called from any threads, never throws.
class Task {
  public:
    Task(faceseg_task task, void *argument) noexcept : task_(task), argument_(argument) {}
    void operator()(std::size_t index) const { task_(argument_, index); }

  private:
    faceseg_task task_;
    void *argument_;
};

// As FACESEG_EXACT and FACESEG_FAST.
enum class Precision : std::int32_t { exact = FACESEG_EXACT, fast = FACESEG_FAST };

// As FACESEG_REFINE_NONE and the rest.
enum class Refinement : std::int32_t {
    none = FACESEG_REFINE_NONE,
    guided = FACESEG_REFINE_GUIDED,
    matting = FACESEG_REFINE_MATTING,
    crf = FACESEG_REFINE_CRF
};

// Since 0.1.
struct SessionOptions {
    int threads = 0;                // 1 to 1024; 0: runtime().threads
    std::uint64_t memory_limit = 0; // bytes of scratch memory; 0: no limit. Large photos run by bands then
    // Your own threads instead of OpenMP's: calls the task once for each index below count, on any threads,
    // and returns, or throws, when none of these calls is under way any more. It is called in the session's
    // thread.
    std::function<void(const Task &task, std::size_t count)> parallel_for = {};
    Precision precision = Precision::exact;
    Refinement refinement = Refinement::guided;
    int smallest_head = 0; // as faceseg_session_options says: 0 automatic, -1 none
    bool steady = false;   // photos are frames of one video: uncertain pixels follow the frames before
    // Memory of your own for what the session computes in, both or neither: size bytes at a multiple of
    // alignment, or nullptr or std::bad_alloc, upon which the call throws out_of_memory; and back, which must
    // not throw, at the latest when the session ends. They must not call the session.
    std::function<void *(std::size_t size, std::size_t alignment)> allocate = {};
    std::function<void(void *memory, std::size_t size, std::size_t alignment)> release = {};
};

// As faceseg_head says.
using Head = faceseg_head;

// A part of the photo, in its pixels: a rectangle and a turn about its own centre.
struct Region {
    float x, y, width, height; // top left corner before the turn, sizes above 0; may reach beyond the photo
    float angle = 0;           // clockwise, degrees: how far the content is turned
};

// Since 0.1.
struct RunOptions {
    int orientation = 0;               // 0, 90, 180, 270: clockwise turn that makes the buffer upright
    std::optional<Region> region = {}; // outside it all is background (class 0); none: the whole photo
    // Called in the calling thread with the share that is done, 0..1; false cancels.
    std::function<bool(float done)> progress = {};
};

enum class Target : std::int32_t { face = FACESEG_FACE, hair = FACESEG_HAIR, head = FACESEG_HEAD };

class Session {
  public:
    // Reads the model's weights if no session did before. Throws file_error, out_of_memory. Since 0.1.
    explicit Session(const Model &model, SessionOptions options = {}) : state_(std::make_shared<State>()) {
        faceseg_session_options raw;
        faceseg_session_options_init(&raw);
        raw.threads = options.threads;
        raw.memory_limit = options.memory_limit;
        raw.precision = static_cast<std::int32_t>(options.precision);
        raw.refinement = static_cast<std::int32_t>(options.refinement);
        raw.smallest_head = options.smallest_head;
        raw.steady = options.steady;
        if (options.parallel_for) {
            state_->parallel_for = std::move(options.parallel_for);
            raw.parallel_for = run_tasks;
            raw.parallel_for_context = state_.get();
        }
        raw.allocate = options.allocate ? allocate : nullptr;
        raw.release = options.release ? release : nullptr;
        raw.allocator_context = state_.get();
        state_->allocate = std::move(options.allocate);
        state_->release = std::move(options.release);
        faceseg_session *session = nullptr;
        detail::call(faceseg_session_open, model.get(), &raw, &session);
        state_->session.reset(session);
    }
    Session(Session &&) noexcept = default; // and so no copies
    Session &operator=(Session &&) noexcept = default;

    // Segments a photo, whose memory is borrowed until the next run or the session's end. Throws
    // invalid_argument, shape_error, out_of_memory, cancelled, and what your callables throw. Since 0.1.
    void run(const ImageView &image, const RunOptions &options = {}) {
        faceseg_run_options raw;
        faceseg_run_options_init(&raw);
        raw.orientation = options.orientation;
        raw.has_region = options.region.has_value();
        if (const auto &part = options.region)
            raw.region = {part->x, part->y, part->width, part->height, part->angle};
        const Busy state(*this);
        state->width = state->height = 0;
        state->progress = &options.progress;
        if (options.progress) {
            raw.progress = report_progress;
            raw.progress_context = state.operator->();
        }
        state->call(faceseg_run, &image.get(), &raw);
        state->width = image.width();
        state->height = image.height();
    }

    // Results of the last photo, into planes of its width and height. Throw no_result without a run that
    // ended well, invalid_argument for a plane of another size, cancelled. All since 0.1.

    // The likeliest class of each pixel. Of the built-in network: 0 background, 1 face (skin, ears, neck),
    // 2 hair.
    void labels(BytePlane out) { fetch(out, 1, faceseg_get_labels); }
    // Probability of a class: 0..1, or 0..255 as bytes.
    void probability(int index, FloatPlane out) { fetch(out, 1, faceseg_get_probability, index); }
    void probability(int index, BytePlane out) { fetch(out, 1, faceseg_get_probability, index); }
    // How much of each pixel belongs to a target: 0..1, or 0..255 as bytes.
    void alpha(Target target, FloatPlane out) {
        fetch(out, 1, faceseg_get_alpha, static_cast<std::int32_t>(target));
    }
    void alpha(Target target, BytePlane out) {
        fetch(out, 1, faceseg_get_alpha, static_cast<std::int32_t>(target));
    }
    // The photo, read again, with each class but 0 painted over it: R, G, B, so out is 3 * width bytes wide.
    void overlay(BytePlane out) { fetch(out, 3, faceseg_get_overlay); }
    // The heads one by one, larger ones first.
    std::vector<Head> heads() {
        const Busy state(*this);
        return fetch_heads(*state.operator->(), nullptr);
    }
    // The same, with the number of the head at each pixel into a plane, 0 where there is none.
    std::vector<Head> heads(BytePlane numbers) {
        const Busy state(*this);
        if (state->width == 0)
            throw Error(Status::no_result, "no result: run a photo first");
        const faceseg_plane plane = numbers.get(state->width, state->height);
        return fetch_heads(*state.operator->(), &plane);
    }

    // Forward pass as Caffe runs it: an input for each of the network's, no mean, no scale. blob: the one
    // that is wanted; "": the main output. What is returned belongs to the session until its next run,
    // forward or end, and must not be its next input. A photo's results are gone. Throws as run. Since 0.1.
    TensorView forward(const TensorView &input, const std::string &blob = {}) {
        return run_forward(&input.get(), 1, blob);
    }
    TensorView forward(const std::vector<TensorView> &inputs, const std::string &blob = {}) {
        std::vector<faceseg_tensor> raw;
        for (const TensorView &input : inputs)
            raw.push_back(input.get());
        return run_forward(raw.data(), raw.size(), blob);
    }

    // The next photo of a steady session is the first of a video; cuts are noticed without. Since 0.1.
    void begin_video() {
        const Busy state(*this);
        faceseg_session_begin_video(state->session.get());
    }

    // Makes a call that is under way in another thread throw cancelled; without one nothing happens.
    // Since 0.1.
    void cancel() noexcept { faceseg_session_cancel(get()); }

    // The C handle, this object's; NULL after a move. What was run through it must be fetched through it:
    // the functions above know the sizes of their own runs only.
    faceseg_session *get() const noexcept { return state_ ? state_->session.get() : nullptr; }

  private:
    struct Closer {
        void operator()(faceseg_session *session) const noexcept { faceseg_session_close(session); }
    };

    // What stays in its place when the session is moved.
    struct State {
        std::function<void(const Task &, std::size_t)> parallel_for;
        std::function<void *(std::size_t, std::size_t)> allocate;
        std::function<void(void *, std::size_t, std::size_t)> release;
        const std::function<bool(float)> *progress = nullptr;
        std::exception_ptr thrown;
        std::atomic<bool> busy{false};
        int width = 0, height = 0;                        // of the photo that there are results of, or 0
        std::unique_ptr<faceseg_session, Closer> session; // the last member, so that it ends first

        template <class Function, class... Arguments> void call(Function *function, Arguments... arguments) {
            faceseg_error error;
            const faceseg_status status = function(session.get(), arguments..., &error);
            if (thrown)
                std::rethrow_exception(std::exchange(thrown, nullptr));
            detail::check(status, error);
        }
    };

    // The state, for one call: a callable that calls its own session is refused instead of spoiling the run,
    // and one that destroys or replaces it leaves the state to the call.
    class Busy {
      public:
        explicit Busy(const Session &session) : state_(session.state_) {
            if (!state_)
                throw Error(Status::invalid_argument, "the session was moved from");
            if (state_->busy.exchange(true))
                throw Error(Status::invalid_argument, "the session is busy with another call");
        }
        Busy(const Busy &) = delete;
        Busy &operator=(const Busy &) = delete;
        ~Busy() { state_->busy = false; }
        State *operator->() const noexcept { return state_.get(); }

      private:
        std::shared_ptr<State> state_;
    };

    static std::vector<Head> fetch_heads(State &state, const faceseg_plane *numbers) {
        std::vector<Head> heads(255); // there are never more
        std::size_t count = 0;
        state.call(faceseg_get_heads, numbers, heads.data(), heads.size(), &count);
        heads.resize(count);
        return heads;
    }

    template <class T, class Function, class... Arguments>
    void fetch(const PlaneView<T> &out, int pixel_elements, Function *function, Arguments... arguments) {
        const Busy state(*this);
        if (state->width == 0)
            throw Error(Status::no_result, "no result: run a photo first");
        state->call(function, arguments..., out.get(pixel_elements * state->width, state->height));
    }

    TensorView run_forward(const faceseg_tensor *inputs, std::size_t count, const std::string &blob) {
        const char *name = detail::c_text(blob, "blob");
        const Busy state(*this);
        state->width = state->height = 0;
        faceseg_tensor output{};
        state->call(faceseg_forward, inputs, count, name, &output);
        return TensorView(output);
    }

    // What the library calls. Nothing may be thrown through it: that is kept, and thrown by State::call.

    static std::int32_t report_progress(void *context, float done) noexcept {
        State &state = *static_cast<State *>(context);
        try {
            return !(*state.progress)(done);
        } catch (...) {
            state.thrown = std::current_exception();
            return 1;
        }
    }

    static void run_tasks(void *context, faceseg_task task, void *argument, std::size_t count) noexcept {
        State &state = *static_cast<State *>(context);
        if (state.thrown) // a stage that the library begins before it looks whether it is cancelled
            return;
        try {
            state.parallel_for(Task(task, argument), count);
        } catch (...) {
            state.thrown = std::current_exception();
            faceseg_session_cancel(state.session.get());
        }
    }

    static void *allocate(void *context, std::size_t size, std::size_t alignment) noexcept {
        State &state = *static_cast<State *>(context);
        try {
            return state.allocate(size, alignment);
        } catch (const std::bad_alloc &) {
        } catch (...) {
            state.thrown = std::current_exception();
        }
        return nullptr;
    }

    static void release(void *context, void *memory, std::size_t size, std::size_t alignment) noexcept {
        static_cast<State *>(context)->release(memory, size, alignment);
    }

    std::shared_ptr<State> state_; // a call that is under way has the other part
};

// The one-call form: built-in network, labels, default options. Threads may call it at the same time.
// Throws as Session's functions. Since 0.1.
inline void segment(const ImageView &image, BytePlane labels) {
    detail::call(faceseg_segment, &image.get(), labels.get(image.width(), image.height()));
}

} // namespace faceseg

#endif
