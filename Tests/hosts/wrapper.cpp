// wrapper: a C++ host of the installed faceseg.hpp: Caffe's scores of the nets, results equal to the C face's
// bytes, errors, moves. Usage: wrapper PHOTO.ppm NET... (paths without ending). Prints "N checks, M failed".
#include "checking.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

using namespace faceseg;

static_assert(!std::is_copy_constructible_v<Model> && !std::is_copy_assignable_v<Model>);
static_assert(!std::is_copy_constructible_v<Session> && !std::is_copy_assignable_v<Session>);
static_assert(std::is_nothrow_move_constructible_v<Model> && std::is_nothrow_move_assignable_v<Model>);
static_assert(std::is_nothrow_move_constructible_v<Session> && std::is_nothrow_move_assignable_v<Session>);
static_assert(std::is_base_of_v<std::runtime_error, Error>);

namespace {

ModelOptions described_by(const std::string &prototxt) {
    ModelOptions options;
    options.prototxt_path = prototxt;
    return options;
}

void caffe_scores(const std::string &net) {
    const Array input = read_npy(net + ".input.npy"), score = read_npy(net + ".score.npy");
    const Model model(net + ".caffemodel", described_by(net + ".prototxt"));
    Session session(model);
    const TensorView output = session.forward({input.numbers, input.shape}, "score");
    CHECK(output.shape() == score.shape);
    CHECK(output.size() == score.numbers.size());
    float largest = 0, worst = 0;
    for (std::size_t i = 0; i < std::min(output.size(), score.numbers.size()); ++i) {
        largest = std::max(largest, std::fabs(score.numbers[i]));
        worst = std::max(worst, std::fabs(score.numbers[i] - output.data()[i]));
    }
    CHECK(worst <= 2e-5f * largest && largest > 0);
    // Several inputs in a list, and the same network from memory.
    const std::vector<float> first(output.begin(), output.end());
    const Bytes file = read_bytes(net + ".caffemodel");
    Session other(Model::from_memory(file.data(), file.size(), described_by(net + ".prototxt")));
    const std::vector<TensorView> inputs = {TensorView(input.numbers, input.shape)};
    const TensorView again = other.forward(inputs, "score");
    CHECK(std::equal(first.begin(), first.end(), again.begin(), again.end()));
}

void the_small_network() {
    const Model small = Model::small(), standard;
    CHECK(small.class_count() == standard.class_count());
    CHECK(small.parameter_count() < standard.parameter_count());
    CHECK(small.text(Text::license) == standard.text(Text::license));
}

// What the C face gives for the same photo and options.
struct Reference {
    faceseg_model *model = nullptr;
    faceseg_session *session = nullptr;
    Photo photo;
    bool fine;

    Reference(const Photo &given, const faceseg_run_options *options) : photo(given) {
        fine = !faceseg_model_open_builtin(&model, nullptr) &&
               !faceseg_session_open(model, nullptr, &session, nullptr) &&
               !faceseg_run(session, &photo.view().get(), options, nullptr);
    }
    Reference(const Reference &) = delete;
    ~Reference() {
        faceseg_session_close(session);
        faceseg_model_close(model);
    }

    // Fetches into a plane of `channels` times the photo's width.
    template <class T, class Fetch> std::vector<T> plane(int channels, Fetch &&fetch) {
        std::vector<T> out(photo.count() * static_cast<std::size_t>(channels));
        const faceseg_plane place = {out.data(), std::ptrdiff_t(sizeof(T)) * channels * photo.width,
                                     std::is_same_v<T, float> ? FACESEG_F32 : FACESEG_U8};
        fine = fine && !fetch(session, place);
        return out;
    }
};

void same_as_the_c_face(const Photo &photo, const RunOptions &options, const faceseg_run_options *raw) {
    Reference c(photo, raw);
    Session session{Model()};
    session.run(photo.view(), options);
    const int width = photo.width, height = photo.height;
    Bytes bytes(photo.count()), picture(3 * photo.count());
    Floats floats(photo.count());
    session.labels({bytes, width, height});
    CHECK(bytes == c.plane<std::uint8_t>(
                       1, [](auto *s, faceseg_plane out) { return faceseg_get_labels(s, out, nullptr); }));
    CHECK(std::count(bytes.begin(), bytes.end(), 1) > 100 && std::count(bytes.begin(), bytes.end(), 2) > 100);
    for (int index = 0; index < 3; ++index) {
        const auto fetch = [=](auto *s, faceseg_plane out) {
            return faceseg_get_probability(s, index, out, nullptr);
        };
        session.probability(index, {bytes, width, height});
        CHECK(bytes == c.plane<std::uint8_t>(1, fetch));
        session.probability(index, {floats, width, height});
        CHECK(floats == c.plane<float>(1, fetch));
    }
    for (const Target target : {Target::face, Target::hair, Target::head}) {
        const auto fetch = [=](auto *s, faceseg_plane out) {
            return faceseg_get_alpha(s, static_cast<std::int32_t>(target), out, nullptr);
        };
        session.alpha(target, PlaneView(bytes, width, height));
        CHECK(bytes == c.plane<std::uint8_t>(1, fetch));
        session.alpha(target, PlaneView(floats, width, height));
        CHECK(floats == c.plane<float>(1, fetch));
    }
    session.overlay({picture, 3 * width, height});
    CHECK(picture == c.plane<std::uint8_t>(
                         3, [](auto *s, faceseg_plane out) { return faceseg_get_overlay(s, out, nullptr); }));
    // Of the numbers of heads the map is compared, and one head's record with what the map says.
    const auto heads = session.heads({bytes, width, height});
    std::vector<faceseg_head> raw_heads(255);
    std::size_t count = 0;
    CHECK(bytes == c.plane<std::uint8_t>(1, [&](auto *s, faceseg_plane out) {
        return faceseg_get_heads(s, &out, raw_heads.data(), raw_heads.size(), &count, nullptr);
    }));
    CHECK(heads.size() == count && session.heads().size() == count && count > 0);
    CHECK(heads[0].face_area + heads[0].hair_area == std::count(bytes.begin(), bytes.end(), heads[0].number));
    CHECK(c.fine);
}

void results(const Photo &photo) {
    same_as_the_c_face(photo, {}, nullptr);
    Photo turned{photo.rgb, photo.width, photo.height};
    std::reverse(turned.rgb.begin(), turned.rgb.end()); // upside down, and blue first: only equality counts
    RunOptions options;
    options.orientation = 180;
    options.region = Region{20, 30, 400, 450, 15};
    faceseg_run_options raw;
    faceseg_run_options_init(&raw);
    raw.orientation = 180;
    raw.has_region = 1;
    raw.region = {20, 30, 400, 450, 15};
    same_as_the_c_face(turned, options, &raw);

    Bytes one(photo.count()), expected(photo.count());
    segment(photo.view(), {one, photo.width, photo.height});
    const faceseg_plane place = {expected.data(), photo.width, FACESEG_U8};
    CHECK(faceseg_segment(&photo.view().get(), place, nullptr) == FACESEG_OK);
    CHECK(one == expected);
}

void texts() {
    const Model model;
    CHECK(version() == FACESEG_VERSION_MAJOR * 10000 + FACESEG_VERSION_MINOR * 100 + FACESEG_VERSION_PATCH);
    CHECK(version_string() == faceseg_version_string());
    CHECK(runtime().cpu == faceseg_runtime_cpu() && runtime().threads == faceseg_runtime_threads());
    const char *openmp = faceseg_runtime_openmp();
    CHECK(runtime().openmp == (openmp ? std::optional<std::string>(openmp) : std::nullopt));
    CHECK(model.class_count() == 3);
    CHECK(model.class_name(0) == "background" && model.class_name(1) == "face" &&
          model.class_name(2) == "hair");
    CHECK(!model.class_name(3) && !model.class_name(-1));
    CHECK(model.parameter_count() == faceseg_model_parameter_count(model.get()) &&
          model.parameter_count() > 0);
    CHECK(model.text(Text::license) == faceseg_model_text(model.get(), FACESEG_TEXT_LICENSE));
    CHECK(model.text(Text::license).find("non-commercial") != std::string::npos);
    CHECK(!model.text(Text::name).empty() && model.text(static_cast<Text>(99)).empty());
    CHECK(status_name(Status::shape_error) == std::string("FACESEG_SHAPE_ERROR"));
}

void options_reach_the_library(const Photo &photo, const std::string &net) {
    ModelOptions options = described_by(net + ".prototxt");
    options.class_names = "wall,skin,hat";
    const Model named(net + ".caffemodel", options);
    CHECK(named.class_name(2) == "hat");
    const auto probability = [&](const ModelOptions &given) {
        Session session(Model(net + ".caffemodel", given));
        Floats out(photo.count());
        session.run(photo.view());
        session.probability(1, {out, photo.width, photo.height});
        return out;
    };
    options.working_size = 64;
    options.reduce_size = -1;
    const Floats plain = probability(options);
    options.scale = 0.5f;
    const Floats scaled = probability(options);
    options.scale = {};
    options.mean = std::array<float, 3>{90, 100, 110};
    const Floats shifted = probability(options);
    options.mean = {};
    options.reduce_size = 20;
    CHECK(plain != scaled && plain != shifted && scaled != shifted && plain != probability(options));
    options.working_size = 5000;
    CHECK_ERROR(invalid_argument, "working_size 5000 is not -1, 0 or between 1 and 4096",
                Model(net + ".caffemodel", options));
}

// The second frame of a video is held by the first, and a new video begins as without.
void steady_sessions(const Photo &photo) {
    SessionOptions options;
    options.steady = true;
    const Model model;
    Session steady(model, options), single(model);
    Photo darker = photo;
    for (std::size_t i = 0; i < darker.rgb.size(); ++i)
        darker.rgb[i] = static_cast<std::uint8_t>(darker.rgb[i] / 16 * 16 + i / 3 % 7);
    std::vector<float> first(photo.count()), held(photo.count());
    const auto face = [&](Session &session, const Photo &of, std::vector<float> &out) {
        session.run(of.view());
        session.probability(1, {out, of.width, of.height});
    };
    face(single, darker, first);
    face(steady, photo, held);
    face(steady, darker, held);
    CHECK(first != held);
    steady.begin_video();
    face(steady, darker, held);
    CHECK(first == held);
}

void errors(const Photo &photo, const std::string &net) {
    const Model model;
    CHECK_ERROR(file_error, "nowhere.caffemodel...", Model("nowhere.caffemodel"));
    CHECK_ERROR(file_error, "...", Model(""));
    CHECK_ERROR(invalid_argument, "path has a zero character inside", Model(std::string("a\0b", 3)));
    CHECK_ERROR(invalid_argument, "bytes is NULL", Model::from_memory(nullptr, 4));
    CHECK_ERROR(file_error, "...", Model::from_memory("\x0a\xff", 2));
    const std::string odd = "odd.prototxt";
    std::ofstream(odd) << "input: 'data' input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\n"
                          "layer { name: 'odd' type: 'Odd' bottom: 'data' top: 'score' }\n";
    CHECK_ERROR(model_error, "...", Session(Model(net + ".caffemodel", described_by(odd))));
    SessionOptions few;
    few.threads = 1025;
    CHECK_ERROR(invalid_argument, "threads 1025 is not between 0 and 1024", Session(model, few));

    SessionOptions little;
    little.memory_limit = 1;
    Session poor(model, little);
    CHECK_ERROR(out_of_memory, "...", poor.run(photo.view()));
    Session session(model);
    Bytes out(photo.count());
    const BytePlane plane(out, photo.width, photo.height);
    CHECK_ERROR(no_result, "no result: run a photo first", session.labels(plane));
    RunOptions options;
    options.orientation = 45;
    CHECK_ERROR(invalid_argument, "orientation 45 is not 0, 90, 180 or 270",
                session.run(photo.view(), options));
    const Floats numbers(3 * 64 * 64), odd_size(3 * 8 * 8);
    CHECK_ERROR(shape_error, "layer ...", session.forward({odd_size, {1, 3, 8, 8}}));
    CHECK_ERROR(shape_error, "layer ...", session.forward({numbers, {1, 1, 64, 192}}));
    CHECK_ERROR(invalid_argument, "input_count 0...", session.forward(std::vector<TensorView>()));
    CHECK_ERROR(invalid_argument, "no blob \"nothing\"...",
                session.forward({numbers, {1, 3, 64, 64}}, "nothing"));
    session.run(photo.view());
    CHECK_ERROR(invalid_argument, "class 3 is not between 0 and 2", session.probability(3, plane));
    CHECK_ERROR(invalid_argument, "target 9...", session.alpha(static_cast<Target>(9), plane));
    session.labels(plane); // what failed took nothing away
    session.forward({numbers, {1, 3, 64, 64}});
    CHECK_ERROR(no_result, "no result: run a photo first", session.labels(plane));
}

// The same as by the C face.
void crf_over_own_maps(const Photo &photo) {
    Session session{Model()};
    session.run(photo.view());
    std::vector<Floats> maps(3, Floats(photo.count())), raw(maps);
    std::vector<FloatPlane> planes;
    std::vector<faceseg_plane> raw_planes;
    for (int index = 0; index < 3; ++index) {
        const auto i = static_cast<std::size_t>(index);
        planes.emplace_back(maps[i], photo.width, photo.height);
        session.probability(index, planes[i]);
        raw[i] = maps[i];
        raw_planes.push_back(FloatPlane(raw[i], photo.width, photo.height).get(photo.width, photo.height));
    }
    CrfOptions options;
    options.rounds = 2;
    options.color_distance = 20;
    crf(photo.view(), planes, options);
    faceseg_crf_options raw_options;
    faceseg_crf_options_init(&raw_options);
    raw_options.rounds = 2;
    raw_options.color_distance = 20;
    CHECK(!faceseg_crf(&photo.view().get(), raw_planes.data(), 3, &raw_options, nullptr));
    CHECK(maps == raw);
    options.rounds = -1;
    CHECK_ERROR(invalid_argument, "rounds -1 is not between 0 and 1000", crf(photo.view(), planes, options));
    CHECK_ERROR(invalid_argument, "probabilities is NULL", crf(photo.view(), {}));
}

void moves(const Photo &photo) {
    Model model;
    Model moved = std::move(model);
    CHECK(model.get() == nullptr && model.class_count() == 0 && model.text(Text::name).empty());
    CHECK_ERROR(invalid_argument, "model is NULL", Session{model});

    std::vector<Session> sessions;
    {
        const Model brief = std::move(moved);
        sessions.emplace_back(brief);
        sessions.emplace_back(brief);
        sessions[0].run(photo.view());
    } // the sessions keep the model
    Bytes out(photo.count()), expected(photo.count());
    const BytePlane plane(out, photo.width, photo.height);
    sessions[0].labels({expected, photo.width, photo.height});
    Session session = std::move(sessions[0]);
    session.labels(plane); // the results went along
    CHECK(out == expected);
    CHECK_ERROR(invalid_argument, "the session was moved from", sessions[0].run(photo.view()));
    CHECK_ERROR(invalid_argument, "the session was moved from", sessions[0].labels(plane));
    CHECK_ERROR(invalid_argument, "the session was moved from",
                sessions[0].forward(TensorView(static_cast<const float *>(nullptr), {1})));
    sessions[0].cancel();
    CHECK(sessions[0].get() == nullptr);
    session = std::move(sessions[1]); // frees the one before
    CHECK_ERROR(no_result, "no result: run a photo first", session.labels(plane));
    session.run(photo.view());
    session.labels(plane);
    CHECK(out == expected);
}

} // namespace

int main(int argc, char **argv) {
    try {
        if (argc < 3)
            throw std::runtime_error("usage: wrapper PHOTO.ppm NET...");
        const Photo photo = read_ppm(argv[1]);
        texts();
        the_small_network();
        for (int i = 2; i < argc; ++i)
            caffe_scores(argv[i]);
        results(photo);
        options_reach_the_library(photo, argv[2]);
        errors(photo, argv[2]);
        steady_sessions(photo);
        moves(photo);
        crf_over_own_maps(photo);
        check_views(photo);
        check_callbacks(photo);
        check_pictures(photo);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    std::printf("%d nets, %d checks, %d failed\n", argc - 2, tally.checks, tally.failures);
    return tally.failures != 0;
}
