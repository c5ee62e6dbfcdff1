// callbacks: a host's own callables under the wrapper: progress, parallel-for, what they throw; cancelling
// and many threads. A part of the host `wrapper`.
#include "checking.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

using namespace faceseg;

namespace {

// Of no type that the library or the wrapper knows.
struct Own {
    int number;
};

int thrown(const std::function<void()> &body) { return caught(Own{0}, body).number; }

Bytes labels(Session &session, const Photo &photo, const RunOptions &options = {}) {
    Bytes out(photo.count());
    session.run(photo.view(), options);
    session.labels({out, photo.width, photo.height});
    return out;
}

RunOptions with_progress(std::function<bool(float)> progress) {
    RunOptions options;
    options.progress = std::move(progress);
    return options;
}

SessionOptions with_loop(std::function<void(const Task &, std::size_t)> parallel_for) {
    SessionOptions options;
    options.parallel_for = std::move(parallel_for);
    return options;
}

void progress(Session &session, const Photo &photo, const Bytes &expected) {
    std::vector<float> seen;
    const auto caller = std::this_thread::get_id();
    bool here = true;
    CHECK(labels(session, photo, with_progress([&](float done) {
                     here = here && std::this_thread::get_id() == caller;
                     seen.push_back(done);
                     return true;
                 })) == expected);
    CHECK(here && seen.size() > 3 && seen.front() > 0 && seen.back() == 1);
    CHECK(std::is_sorted(seen.begin(), seen.end()));

    Bytes out(photo.count());
    const BytePlane plane(out, photo.width, photo.height);
    const std::size_t steps = seen.size();
    for (const std::size_t at : {std::size_t(1), steps / 2, steps}) {
        std::size_t calls = 0;
        CHECK_ERROR(cancelled, "...",
                    session.run(photo.view(), with_progress([&](float) { return ++calls < at; })));
        CHECK(calls == at);
        CHECK_ERROR(no_result, "no result: run a photo first", session.labels(plane));
        calls = 0;
        CHECK(thrown([&] {
                  session.run(photo.view(), with_progress([&](float) -> bool {
                                  if (++calls == at)
                                      throw Own{7};
                                  return true;
                              }));
              }) == 7);
        CHECK(calls == at);
        CHECK_ERROR(no_result, "no result: run a photo first", session.labels(plane));
        CHECK(labels(session, photo) == expected); // works as before
    }
    // A callable that calls its own session gets the refusal itself; another session is free to it.
    CHECK_ERROR(
        invalid_argument, "the session is busy with another call",
        session.run(photo.view(), with_progress([&](float) { return session.run(photo.view()), true; })));
    // Or replaces it, or destroys it: the run that is under way ends first.
    Session replaced{Model()};
    replaced.run(photo.view(), with_progress([&](float) { return replaced = Session(Model()), true; }));
    CHECK_ERROR(no_result, "no result: run a photo first", replaced.labels(plane));
    CHECK(labels(replaced, photo) == expected);
    std::optional<Session> ended{Model()};
    ended->run(photo.view(), with_progress([&](float) { return ended.reset(), true; }));
    CHECK(!ended);
    Session other{Model()};
    CHECK(labels(session, photo, with_progress([&](float done) {
                     if (done == 1)
                         other.run(photo.view());
                     return true;
                 })) == expected);
}

// A loop over three threads that are begun for each stage.
void three_threads(const Task &task, std::size_t count) {
    std::atomic<std::size_t> next{0};
    const auto drain = [&] {
        for (std::size_t i; (i = next++) < count;)
            task(i);
    };
    std::thread second(drain), third(drain);
    drain();
    second.join();
    third.join();
}

void parallel_for(const Model &model, const Photo &photo, const Bytes &expected) {
    std::size_t stages = 0;
    const auto count_stages = [&](const Task &task, std::size_t count) {
        ++stages;
        three_threads(task, count);
    };
    Session session(model, with_loop(count_stages));
    CHECK(labels(session, photo) == expected);
    CHECK(stages > 3);
    Session moved = std::move(session); // its loop goes along
    CHECK(labels(moved, photo) == expected);

    // Throws after half of the n-th stage and of all that follow, for each n there is in a run and its
    // labels: the first exception comes out, no stage follows, and the library knows that it was cancelled.
    const std::size_t all = stages / 2;
    std::size_t stage = 0, fails_from = 0;
    const auto fails = [&](const Task &task, std::size_t count) {
        const bool failing = fails_from && ++stage >= fails_from;
        three_threads(task, failing ? count / 2 : count);
        if (failing)
            throw Own{static_cast<int>(stage)};
    };
    Session breaking(model, with_loop(fails));
    Bytes out(photo.count());
    const faceseg_plane plane = {out.data(), photo.width, FACESEG_U8};
    for (std::size_t n = 1; n <= all; ++n) {
        stage = 0, fails_from = n;
        CHECK(thrown([&] { breaking.run(photo.view()); }) == (n < all ? static_cast<int>(n) : 0));
        CHECK(stage == std::min(n, all - 1));
        fails_from = 0;
        CHECK(faceseg_get_labels(breaking.get(), plane, nullptr) ==
              (n < all ? FACESEG_NO_RESULT : FACESEG_OK));
    }
    CHECK(labels(breaking, photo) == expected);

    // In a result: it is the callable's exception, and the run's results are still there.
    stage = 0, fails_from = 1;
    CHECK(thrown([&] { breaking.labels({out, photo.width, photo.height}); }) == 1);
    fails_from = 0;
    breaking.labels({out, photo.width, photo.height});
    CHECK(out == expected);
    const Floats numbers(3 * 64 * 64);
    stage = 0, fails_from = 1;
    CHECK(thrown([&] { breaking.forward({numbers, {1, 3, 64, 64}}); }) == 1);
    fails_from = 0;
    CHECK(breaking.forward({numbers, {1, 3, 64, 64}}).size() > 0);
}

// Another thread cancels while this one's callable waits for it, so that there is no luck in it; then
// without a callable.
void cancel_elsewhere(const Model &model, const Photo &photo, const Bytes &expected) {
    Session session(model);
    bool cancelled = false;
    CHECK_ERROR(cancelled, "...", session.run(photo.view(), with_progress([&](float) {
                                                  if (!cancelled)
                                                      std::thread([&] { session.cancel(); }).join();
                                                  return cancelled = true;
                                              })));
    CHECK(labels(session, photo) == expected);
    session.cancel(); // without a run
    CHECK(labels(session, photo) == expected);

    // Without a callable: runs until the other thread's cancel has met one.
    std::atomic<bool> met{false};
    std::thread canceller([&] {
        while (!met) {
            session.cancel();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    const auto until_cancelled = [&] {
        for (int i = 0; i < 10000; ++i)
            session.run(photo.view());
    };
    CHECK_ERROR(cancelled, "...", until_cancelled());
    met = true;
    canceller.join();
    CHECK(labels(session, photo) == expected);
}

// Memory of the host's, which comes back; and none, which one call is told and the next is not.
void own_memory(const Model &model, const Photo &photo, const Bytes &expected) {
    std::size_t out = 0, calls = 0;
    std::function<void()> fails = [] {};
    {
        SessionOptions options;
        options.allocate = [&](std::size_t size, std::size_t alignment) {
            if (++calls == 4)
                fails();
            out += size;
            return ::operator new(size, std::align_val_t(alignment));
        };
        options.release = [&](void *memory, std::size_t size, std::size_t alignment) {
            out -= size;
            ::operator delete(memory, std::align_val_t(alignment));
        };
        Session session(model, options), other = Session(model, std::move(options));
        CHECK(labels(session, photo) == expected && calls > 4 && out > 0);
        calls = 0;
        fails = [] { throw std::bad_alloc(); };
        CHECK_ERROR(out_of_memory, "...", other.run(photo.view()));
        CHECK(labels(other, photo) == expected);
        SessionOptions half;
        half.allocate = [](std::size_t, std::size_t) -> void * { return nullptr; };
        CHECK_ERROR(invalid_argument, "allocate and release: both or neither may be NULL",
                    Session(model, half));
    }
    CHECK(out == 0);
    SessionOptions options;
    options.allocate = [](std::size_t, std::size_t) -> void * { throw Own{7}; };
    options.release = [](void *, std::size_t, std::size_t) {};
    Session session(model, options);
    CHECK(thrown([&] { session.run(photo.view()); }) == 7);
}

void many_threads(const Model &model, const Photo &photo, const Bytes &expected) {
    std::vector<std::future<Bytes>> all;
    for (int i = 0; i < 4; ++i)
        all.push_back(std::async(std::launch::async, [&, i] {
            Bytes out(photo.count());
            if (i == 0) {
                segment(photo.view(), {out, photo.width, photo.height});
                return out;
            }
            SessionOptions options;
            options.threads = i;
            Session session(model, options);
            return labels(session, photo);
        }));
    for (auto &one : all)
        CHECK(one.get() == expected);
}

} // namespace

void check_callbacks(const Photo &photo) {
    const Model model;
    Session session(model);
    const Bytes expected = labels(session, photo);
    progress(session, photo, expected);
    parallel_for(model, photo, expected);
    cancel_elsewhere(model, photo, expected);
    own_memory(model, photo, expected);
    many_threads(model, photo, expected);
}
