# Read by CMake when llama-cpp-python's project begins. Its CMakeLists.txt forces the cache entry
# LLAMA_BUILD_COMMON on; an ordinary variable of that name goes before it. So llama.cpp's command
# line library, which nothing here loads, is neither compiled nor installed: 83 steps for 140.
set(LLAMA_BUILD_COMMON OFF)
