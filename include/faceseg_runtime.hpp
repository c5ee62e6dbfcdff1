// faceseg_runtime.hpp - which library this is, and what it found on this machine. A part of faceseg.hpp,
// which is what to include.
#ifndef FACESEG_RUNTIME_HPP
#define FACESEG_RUNTIME_HPP

#include "faceseg.h"

#include <optional>
#include <string>

namespace faceseg {

// Of the library that runs: major * 10000 + minor * 100 + patch, and "0.1.0". Since 0.1.
inline int version() noexcept { return faceseg_version(); }
inline std::string version_string() { return faceseg_version_string(); }

// What the library found on this machine.
struct Runtime {
    std::string cpu;                   // instruction set of the kernels: "avx512", "avx2", "neon", "scalar"
    std::optional<std::string> openmp; // file name; none: threads begin and end with each call
    int threads;                       // that a session uses by default
};

// Since 0.1.
inline Runtime runtime() {
    const char *openmp = faceseg_runtime_openmp();
    return {faceseg_runtime_cpu(), openmp ? std::optional<std::string>(openmp) : std::nullopt,
            faceseg_runtime_threads()};
}

} // namespace faceseg

#endif
