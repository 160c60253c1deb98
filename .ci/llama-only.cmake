# Read by CMake when llama-cpp-python's project begins. Its CMakeLists.txt forces the cache entry
# LLAMA_BUILD_COMMON on; an ordinary variable of that name goes before it. So llama.cpp's command
# line library, which nothing here loads, is neither compiled nor installed: 83 steps for 140.
set(LLAMA_BUILD_COMMON OFF)
# Some virtual machines announce AMX and do not let programs use it: llama.cpp's server, which keeps
# its weights for it by default, is ended there at its first question. The product itself keeps none.
add_compile_options(-U__AMX_TILE__ -U__AMX_INT8__ -U__AMX_BF16__)
