# Everything that can be done here; `make help` lists it.

VERSION := 0.1.0
SONAME := libfaceseg.so.0
# What a program needs that links libfaceseg.a: the Swift runtime inside is C++.
STATIC_LIBRARIES := -lstdc++ -lm -ldl -lpthread
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
SCRATCH := .build
RELEASE := --scratch-path $(SCRATCH)/product -c release -Xswiftc -static-stdlib -Xswiftc -use-ld=lld -Xcc -fvisibility=hidden \
	-Xcc -DFSK_STATIC_SWIFT -Xlinker --build-id=none
# Without symbols, and without the sums of what swiftc thought, which are others each time: two builds are the same.
STRIP := objcopy --strip-all --remove-section .swift_modhash
PACKAGES := libomp-dev libturbojpeg0-dev libpng-dev libwebp-dev libavcodec-dev libavdevice-dev libavformat-dev \
	libavutil-dev libswscale-dev libsdl2-dev clang-format-14 lld python3 python3-venv pkg-config gcc g++ binutils cmake
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
VENV := $(CURDIR)/build/venv
SOURCES := Package.swift $(shell find Sources include -type f ! -name '*.hpp')
# The manual page and what completes command lines, which the program makes from its own tables.
PAGES := build/pages/faceseg.1 build/pages/faceseg.bash build/pages/_faceseg
# For pkg-config and CMake; both find the library from their own place.
FILLED := build/faceseg.pc build/facesegConfig.cmake build/facesegConfigVersion.cmake

.PHONY: all demo test check check-deep check-shell install packages help clean format wheel network bench bench-quick \
	bench-stages bench-kernels bench-gradients bench-training tune accuracy memory growth quarter-width picture \
	web-picture test-swift test-c test-python test-video test-web web-ready test-wheel test-spark test-peers \
	test-gradients test-matting test-export test-kernels test-arm64 test-compilers test-package test-docs docs sdist \
	bench- spark swift-modules fuzz fuzz-keep fuzz-coverage train-demo
.DEFAULT_GOAL := all

## all          build/faceseg, build/libfaceseg.so, build/libfaceseg.a, files for pkg-config and CMake, manual, completions
all: build/faceseg build/$(SONAME) build/libfaceseg.a $(FILLED) $(PAGES)

## demo         all set-up, then the example photo becomes masks and pictures; a minute
demo: packages
	@$(MAKE) --no-print-directory all
	@mkdir -p build/demo
	build/faceseg segment examples/photos/astronaut.png -o build/demo --output labels,overlay,cutout,alpha

## test         all set-up, then all tests; four minutes
test: packages
	@$(MAKE) --no-print-directory all test-swift test-c test-python

## packages     the Debian packages that are missing (as root or with sudo)
packages:
	@missing=; for p in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing$$missing"; \
	  $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi

build/faceseg: $(SOURCES)
	$(SWIFT) build $(RELEASE) --product faceseg
	@mkdir -p build
	$(STRIP) $(SCRATCH)/product/release/faceseg $@

build/pages/faceseg.1: page := --man
build/pages/faceseg.bash: page := --bash
build/pages/_faceseg: page := --zsh
$(PAGES): build/faceseg
	@mkdir -p build/pages
	build/faceseg help $(page) > $@.new && mv $@.new $@

build/$(SONAME): $(SOURCES) Makefile build/faceseg
	$(SWIFT) build $(RELEASE) --product FaceSegC \
	  -Xlinker -soname -Xlinker $(SONAME) -Xlinker -z -Xlinker nodelete \
	  -Xlinker --version-script=$(CURDIR)/scripts/exports.map -Xlinker --gc-sections
	$(STRIP) $(SCRATCH)/product/release/libFaceSegC.so build/libfaceseg.so.$(VERSION)
	ln -sf libfaceseg.so.$(VERSION) $@
	ln -sf $(SONAME) build/libfaceseg.so

build/libfaceseg.a: build/$(SONAME)
	scripts/static-library $(SCRATCH)/product/release $@

$(FILLED): build/%: %.in Makefile
	@mkdir -p build
	sed -e 's|@VERSION@|$(VERSION)|' -e 's|@SONAME@|$(SONAME)|' -e 's|@STATIC_LIBRARIES@|$(STATIC_LIBRARIES)|' $< > $@
vpath %.in pkgconfig cmake

## install      into PREFIX (/usr/local), under DESTDIR
install: all
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin include lib/pkgconfig lib/cmake/faceseg)
	install -m 755 build/faceseg $(DESTDIR)$(PREFIX)/bin/
	install -m 644 include/faceseg.h include/*.hpp $(DESTDIR)$(PREFIX)/include/
	install -D -m 644 build/pages/faceseg.1 $(DESTDIR)$(PREFIX)/share/man/man1/faceseg.1
	install -D -m 644 build/pages/faceseg.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/faceseg
	install -D -m 644 build/pages/_faceseg $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_faceseg
	install -m 755 build/libfaceseg.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/
	ln -sf libfaceseg.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libfaceseg.so
	install -m 644 build/libfaceseg.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 build/faceseg.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/
	install -m 644 build/facesegConfig.cmake build/facesegConfigVersion.cmake $(DESTDIR)$(PREFIX)/lib/cmake/faceseg/

## test-swift   Swift's tests, the command line's among them
test-swift:
	$(SWIFT) test --scratch-path $(SCRATCH)/tests -Xcc -O2

## test-c       the kernels' tests; C, C++ and Python programs against the installed library, Swift out of their reach
test-c: all $(VENV)/ready test-kernels
	Tests/hosts/run

## test-kernels  the kernels against their definitions, every variant that this processor runs, by Swift's clang
test-kernels: build/kernel-tests
	build/kernel-tests

KERNELS := $(wildcard Sources/Kernels/*/*.[ch] Tests/kernels/*.[ch]) Tests/kernels/build
build/kernel-tests: $(KERNELS)
	Tests/kernels/build $@ clang -std=c2x -O2

## test-compilers  the same by gcc and clang 14, for plain x86-64, and sanitized
test-compilers: $(KERNELS)
	@$(MAKE) --no-print-directory packages PACKAGES="clang-14 libclang-rt-14-dev libomp-14-dev"
	Tests/kernels/compilers

## test-arm64   the kernels' tests for arm64, by clang and by gcc, under qemu
test-arm64: $(KERNELS)
	@$(MAKE) --no-print-directory packages PACKAGES="qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross lld"
	Tests/kernels/arm64

## wheel        build/wheel/*.whl, its name saying what it runs on as auditwheel found it
wheel: all $(VENV)/ready
	rm -rf build/wheel && $(VENV)/bin/pip wheel -q --no-deps -w build/wheel/plain ./python
	PATH=$(VENV)/bin:$$PATH SOURCE_DATE_EPOCH=315532800 auditwheel repair -w build/wheel build/wheel/plain/*.whl 2>build/wheel.log || \
	  { cat build/wheel.log; exit 1; }
	rm -r build/wheel/plain

## sdist        build/wheel/*.tar.gz, which builds with Swift where it is installed
sdist: $(VENV)/ready
	mkdir -p build/wheel
	cd python/backend && $(VENV)/bin/python -c 'import faceseg_wheel; faceseg_wheel.build_sdist("$(CURDIR)/build/wheel")'

## test-wheel   the wheel and the source distribution in fresh environments of the Pythons here, Swift out of their reach
test-wheel: wheel
	@$(MAKE) --no-print-directory sdist
	Tests/wheel/run

## test-python  the wheel, installed into build/venv, and its tests
test-python: wheel
	$(VENV)/bin/pip install -q --force-reinstall --no-deps build/wheel/*.whl
	$(VENV)/bin/python -m pytest -q python/tests

## test-video   `faceseg video` and `faceseg live` in the eyes of ffmpeg and under Xvfb
test-video: packages $(VENV)/ready
	@$(MAKE) --no-print-directory packages PACKAGES="ffmpeg xvfb xdotool"
	@$(MAKE) --no-print-directory all
	$(VENV)/bin/python -m pytest -q Tests/video

## test-web     the web page: its server, and the page itself in headless Chromium
WEB := $(CURDIR)/build/venv-web
test-web: web-ready
	$(WEB)/bin/python -m pytest -q python/tests/test_web.py python/tests/test_web_browser.py

web-ready: wheel $(WEB)/ready
	@$(MAKE) --no-print-directory packages PACKAGES="chromium chromium-driver fonts-dejavu-core"
	$(WEB)/bin/pip install -q --force-reinstall --no-deps build/wheel/*.whl
	$(WEB)/bin/pip install -q "$$(echo build/wheel/*.whl)[web]"

$(WEB)/ready:
	python3 -m venv $(WEB) && $(WEB)/bin/pip install -q pytest httpx2 "selenium>=4"
	touch $@

## test-spark   examples/spark in real Spark, Java and all: photos to rows, restarts, jobs and workers killed
## bench-spark  the same against one process on all processors: PHOTOS (20000) of DATA, ROUNDS (3) of each
SPARK := $(CURDIR)/build/venv-spark
PHOTOS ?= 20000
ROUNDS ?= 3
test-spark bench-spark: wheel
	@$(MAKE) --no-print-directory packages PACKAGES=openjdk-17-jre-headless
	@$(MAKE) --no-print-directory $(SPARK)/ready
	$(SPARK)/bin/pip install -q --force-reinstall --no-deps build/wheel/*.whl
	$(SPARK)/bin/python $(if $(filter test-spark,$@),-m pytest -q Tests/spark,benchmarks/spark.py \
	  $(DATA)/lfw-part-labels/images --photos $(PHOTOS) --rounds $(ROUNDS))

$(SPARK)/ready: examples/spark/requirements.txt
	python3 -m venv $(SPARK) && $(SPARK)/bin/pip install -q -r examples/spark/requirements.txt pytest
	touch $@

## test-peers   random nets (NETS=2000) here, exact and fast, in PyTorch and in OpenCV's dnn; REPLAY=1234: one alone;
##              matting here and in PyMatting (`make test-matting` alone)
NETS ?= 2000
PEERS := $(CURDIR)/build/venv-peers
TORCH := torch==2.13.0+cpu
test-peers: all $(PEERS)/ready $(if $(REPLAY),,test-matting)
	PYTHONPATH=python FACESEG_LIBRARY=build/$(SONAME) OMP_NUM_THREADS=1 \
	  $(PEERS)/bin/python Tests/peers/compare.py $(if $(REPLAY),--replay $(REPLAY),--nets $(NETS)) 2>build/peers.log

## test-gradients  gradients of random nets (NETS=2000) by the trainer and by PyTorch; REPLAY=1234: one alone
test-gradients: packages $(PEERS)/ready
	FACESEG_PEERS=1 swift build --scratch-path .build/peers -c release --product backward -Xswiftc -enable-testing \
	  -Xswiftc -use-ld=lld
	OMP_NUM_THREADS=1 $(PEERS)/bin/python Tests/peers/gradients.py .build/peers/release/backward \
	  $(if $(REPLAY),--replay $(REPLAY),--nets $(NETS))

test-matting: all $(PEERS)/matting
	PYTHONPATH=python FACESEG_LIBRARY=build/$(SONAME) $(PEERS)/bin/python Tests/peers/matting.py

$(PEERS)/matting: $(PEERS)/ready
	$(PEERS)/bin/pip install -q "PyMatting==1.1.16"
	touch $@

## test-export  `faceseg export` in ONNX Runtime: the nets of the fixtures, FCN-8s, the built-in one, random ones (NETS)
test-export: all $(PEERS)/ready
	PYTHONPATH=python FACESEG_LIBRARY=build/$(SONAME) \
	  $(PEERS)/bin/python Tests/peers/export.py --full --nets $(NETS) 2>build/export.log

$(PEERS)/ready:
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install -q numpy pillow "opencv-python-headless<5" intel-openmp "onnx==1.23.2" "onnxruntime==1.32.0"
	# The processor's build alone: the other is ten times larger and computes the same here.
	$(PEERS)/bin/pip install -q $(TORCH) 2>/dev/null || \
	  $(PEERS)/bin/pip install -q $(TORCH) --index-url https://download.pytorch.org/whl/cpu
	touch $@

$(VENV)/ready: python/tests/requirements.txt
	python3 -m venv $(VENV) && $(VENV)/bin/pip install -q -r python/tests/requirements.txt
	touch $@

## check        formatting, rooms, exported symbols against the header, struct layouts
check: packages
	@$(MAKE) --no-print-directory build/$(SONAME) swift-modules
	scripts/check

## check-shell  the manual page under mandoc and man, completions in real bash and zsh, with the packages it needs
check-shell: packages
	@$(MAKE) --no-print-directory packages PACKAGES="bash zsh mandoc man-db bash-completion"
	@$(MAKE) --no-print-directory all
	Tests/shell/run

## check-deep   slower checks: sanitizers, compilers, processors by qemu, packages, peers (one of them: ONLY=peers)
check-deep: packages
	@$(MAKE) --no-print-directory packages PACKAGES="valgrind libomp-14-dev abigail-tools"
	@$(MAKE) --no-print-directory all $(VENV)/ready
	scripts/check-deep $(ONLY)

# What Swift programs import, and what the C library is made of.
swift-modules:
	$(SWIFT) build $(RELEASE) --target FaceSegAsync

## test-package docs/swift.md word by word, over a tag on a clone of HEAD
test-package:
	scripts/test-package

## test-docs    runs every other line of Swift of docs/swift.md and of the comments
test-docs: swift-modules
	rm -rf build/lines && mkdir -p build/lines/graphs
	scripts/public-swift $(SCRATCH)/product/release build/lines/graphs
	scripts/doc-lines package $(CURDIR) build/lines docs/swift.md Sources/FaceSegKit/FaceSegKit.docc/FaceSegKit.md \
	  build/lines/graphs/*.symbols.json
	cp Sources/EmbeddedNetwork/standard.caffemodel build/lines/their.caffemodel
	cd build/lines && $(SWIFT) run -c release --scratch-path $(CURDIR)/$(SCRATCH)/dependent lines

## docs         pages of the Swift modules in build/docs
docs: swift-modules
	scripts/swift-docs $(SCRATCH)/product/release build/docs

## train-demo   draws faces, trains a tiny network on them and judges it: a minute, with plot and report
train-demo: packages build/faceseg $(VENV)/ready
	$(VENV)/bin/python examples/training/synthetic_faces.py build/train-demo/faces
	build/faceseg train --solver examples/training/solver.prototxt -o build/train-demo
	build/faceseg evaluate --data build/train-demo/faces --model build/train-demo/tiny_iter_600.caffemodel \
	  --prototxt examples/training/deploy.prototxt --size photo --reduce none --report build/train-demo/report.html
	@echo "see build/train-demo/training.svg and build/train-demo/report.html"

## fuzz         looks for crashes: FUZZ_SECONDS (60) for each TARGET (caffemodel prototxt npy face network training; all)
fuzz: packages
	scripts/fuzz run $(TARGET)

## fuzz-keep    what fuzzing has found new, minimised, into Tests/fuzz/corpus
fuzz-keep: packages
	scripts/fuzz keep $(TARGET)

## fuzz-coverage  lines of Sources/FaceSegKit/Caffe that the kept corpora reach, 90 % or it fails
fuzz-coverage: packages
	scripts/fuzz coverage

## bench        FaceSeg, other runtimes and the processor's peak; a whole photo; loading: benchmarks/RESULTS.md, ten minutes
## bench-quick  the same with fewer runs and peers, printed only, two minutes
BENCH := $(CURDIR)/build/venv-bench
bench bench-quick: all $(BENCH)/ready
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE PYTHONPATH=python FACESEG_LIBRARY=$(CURDIR)/build/$(SONAME) \
	  $(BENCH)/bin/python benchmarks/compare.py $(if $(filter bench-quick,$@),--quick)

$(BENCH)/ready: benchmarks/requirements.txt
	python3 -m venv $(BENCH) && $(BENCH)/bin/pip install -q -r benchmarks/requirements.txt
	touch $@

## bench-stages  what each step of a run takes, against the peak: benchmarks/STAGES.md; or of another model (STAGES=...)
bench-stages: all $(VENV)/ready
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE PYTHONPATH=python FACESEG_LIBRARY=$(CURDIR)/build/$(SONAME) \
	  $(VENV)/bin/python benchmarks/stages.py $(STAGES)

## bench-kernels  each variant of the convolutions by shape, on one thread and two, against the processor's peak
bench-kernels:
	benchmarks/bench-kernels build/bench-kernels clang -std=c2x -O2

## bench-gradients  the same of the gradients, on one thread
bench-gradients:
	SOURCE=gradients.c benchmarks/bench-kernels build/bench-gradients clang -std=c2x -O2

## bench-training  a training step of the built-in network's layers, here and in PyTorch; five minutes
bench-training: build/faceseg $(PEERS)/ready
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(PEERS)/bin/python benchmarks/training.py

## tune         each form and precision of the convolutions by shape, on THREADS (1), and thresholds that would lose less
THREADS ?= 1
tune:
	benchmarks/build build/tune "tune.c thresholds.c" clang -std=c2x -O2
	build/tune $(THREADS)

## accuracy     the built-in network on labelled photos in DATA (../shared/data)
## memory       peak memory of the built-in network here and in OpenCV's dnn
## growth       time per pixel and memory from 256 x 256 to 4096 x 4096; a quarter of an hour
DATA ?= ../shared/data
accuracy memory growth: all $(VENV)/ready
	PYTHONPATH=python FACESEG_LIBRARY=$(CURDIR)/build/$(SONAME) $(VENV)/bin/python benchmarks/$@.py \
	  $(if $(filter accuracy,$@),$(DATA))

## quarter-width  trains an FCN-8s of quarter width in PyTorch (half an hour) and holds fast mode against exact mode on it
quarter-width: all $(PEERS)/ready
	$(PEERS)/bin/python benchmarks/quarter_width.py $(DATA)/lfw-part-labels build/quarter
	PYTHONPATH=python FACESEG_LIBRARY=$(CURDIR)/build/$(SONAME) $(PEERS)/bin/python benchmarks/accuracy.py \
	  $(DATA) build/quarter/fcn8s.caffemodel build/quarter/fcn8s.prototxt

## picture      the documents' pictures, docs/images
picture: demo $(VENV)/ready
	build/faceseg segment examples/photos/astronaut.png -o build/demo/unrefined.png --output alpha --refine none
	build/faceseg segment examples/photos/astronaut.png -o build/demo/matted.png --output cutout --refine matting
	scripts/make-gallery build/faceseg examples/photos/astronaut.png build/demo
	PYTHONPATH=python FACESEG_LIBRARY=build/$(SONAME) $(VENV)/bin/python scripts/make-picture

## web-picture  docs/images/web.webp, the web page as Chromium shows it
web-picture: web-ready
	$(WEB)/bin/python scripts/make-web-picture

## network      an embedded network's file, from NETWORK=standard|small, WEIGHTS and PROTOTXT of `faceseg train --recipe`
NETWORK ?= standard
network: build/faceseg
	scripts/make-network $(NETWORK) $(WEIGHTS) $(PROTOTXT) Sources/EmbeddedNetwork/$(NETWORK).caffemodel

## format       formats Swift, C and C++ sources
format:
	$(SWIFT) format -i -r --configuration .swift-format Package.swift Sources Tests
	find Sources Tests examples include benchmarks \( -name '*.c' -o -name '*.h' -o -name '*.cpp' -o -name '*.hpp' \) \
	  ! -path 'Sources/System/*' ! -path '*/.build/*' ! -path include/faceseg.h | xargs clang-format-14 -i

## clean        removes what was built
clean:
	rm -rf build .build

## help         this list
help:
	@sed -n 's/^## //p' Makefile | while read -r name words; do printf '%-14s  %s\n' "$$name" "$$words"; done
