// checking.hpp - what the C++ hosts share: counted checks, expected errors, files of the fixtures. Not
// a framework.
#ifndef CHECKING_HPP
#define CHECKING_HPP

#include <faceseg.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;

struct Tally {
    int checks = 0, failures = 0;
};
inline Tally tally;

inline void check(bool holds, const std::string &what, const char *file, int line) {
    ++tally.checks;
    if (holds)
        return;
    ++tally.failures;
    std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
}
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)

// What `body` throws; fails the check and gives an empty message if it throws nothing of that kind.
template <class Exception = faceseg::Error, class Body> Exception caught(Exception none, Body &&body) {
    try {
        body();
    } catch (const Exception &error) {
        return error;
    }
    return none;
}

// Checks status and message of what `body` throws. A message that ends in "..." is a beginning.
#define CHECK_ERROR(wanted, text, body)                                                                      \
    check_error(                                                                                             \
        faceseg::Status::wanted, text, [&] { body; }, #body, __FILE__, __LINE__)

template <class Body>
void check_error(faceseg::Status status, std::string text, Body &&body, const char *what, const char *file,
                 int line) {
    const auto error = caught(faceseg::Error(faceseg::Status::ok, "nothing was thrown"), body);
    const std::string seen = error.what();
    const bool beginning = text.size() >= 3 && text.substr(text.size() - 3) == "...";
    const bool same =
        beginning ? seen.compare(0, text.size() - 3, text, 0, text.size() - 3) == 0 : seen == text;
    check(error.status() == status && same,
          std::string(what) + " gives " + faceseg::status_name(error.status()) + ": " + seen, file, line);
}

struct Photo {
    Bytes rgb;
    int width = 0, height = 0;

    faceseg::ImageView view() const { return {rgb, width, height, faceseg::Format::rgb8}; }
    std::size_t count() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
};

// A binary PPM picture of 8 bits.
inline Photo read_ppm(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::string magic;
    int most = 0;
    Photo photo;
    if (!(file >> magic >> photo.width >> photo.height >> most) || magic != "P6" || most != 255)
        throw std::runtime_error(path + ": not a PPM picture");
    file.get();
    photo.rgb.assign(std::istreambuf_iterator<char>(file), {});
    if (photo.rgb.size() != 3 * photo.count())
        throw std::runtime_error(path + ": not all pixels are there");
    return photo;
}

struct Array {
    Floats numbers;
    std::vector<std::int64_t> shape;
};

// The floats of a .npy file of version 1.
inline Array read_npy(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    if (bytes.size() < 10)
        throw std::runtime_error(path + ": not a .npy file");
    const std::size_t header =
        static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
    const std::string text = bytes.substr(10, header);
    Array array;
    const char *at = text.c_str() + text.find('(', text.find("shape")) + 1;
    while (*at && *at != ')') {
        char *end;
        const long side = std::strtol(at, &end, 10);
        if (end != at)
            array.shape.push_back(side);
        at = end != at ? end : at + 1;
    }
    const std::size_t start = 10 + header;
    array.numbers.resize((bytes.size() - start) / sizeof(float));
    std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(start), bytes.end(),
              reinterpret_cast<char *>(array.numbers.data()));
    return array;
}

inline Bytes read_bytes(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
}

void check_callbacks(const Photo &photo); // callbacks.cpp
void check_pictures(const Photo &photo);  // pictures.cpp
void check_views(const Photo &photo);     // views.cpp

#endif
