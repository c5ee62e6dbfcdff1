// segment: the shares of face and hair in a PPM photo (P6, 8 bit), and its head's alpha as a PGM picture.
//     c++ -std=c++17 segment.cpp $(pkg-config --cflags --libs faceseg) -o segment
//     ./segment photo.ppm alpha.pgm
#include <faceseg.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

int main(int argc, char **argv) try {
    std::string kind;
    int width = 0, height = 0, most = 0;
    std::ifstream photo(argc == 3 ? argv[1] : "", std::ios::binary);
    if (!(photo >> kind >> width >> height >> most).ignore() || kind != "P6" || most != 255 || width < 1 ||
        height < 1)
        return std::cerr << "usage: segment PHOTO.ppm ALPHA.pgm (P6, 8 bit, no comments)\n", 2;
    const std::size_t pixels = std::size_t(width) * std::size_t(height);
    std::vector<std::uint8_t> rgb(3 * pixels), labels(pixels), alpha(pixels);
    if (!photo.read(reinterpret_cast<char *>(rgb.data()), std::streamsize(rgb.size())))
        return std::cerr << argv[1] << " ends before its last pixel\n", 2;

    const faceseg::Model model; // the network inside the library
    faceseg::Session session(model);
    session.run({rgb, width, height, faceseg::Format::rgb8});
    session.labels({labels, width, height}); // 0 background, 1 face, 2 hair
    session.alpha(faceseg::Target::head, {alpha, width, height});

    const auto share = [&](int label) {
        return 100.0 * double(std::count(labels.begin(), labels.end(), label)) / double(pixels);
    };
    std::printf("face %.1f %%, hair %.1f %%\n", share(1), share(2));
    std::ofstream picture(argv[2], std::ios::binary);
    picture << "P5 " << width << ' ' << height << " 255\n";
    picture.write(reinterpret_cast<const char *>(alpha.data()), std::streamsize(pixels));
    if (!picture.flush())
        return std::cerr << argv[2] << " cannot be written\n", 1;
    return 0;
} catch (const faceseg::Error &error) {
    std::cerr << faceseg::status_name(error.status()) << ": " << error.what() << '\n';
    return 1;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
