/* Copies what one layer of a model puts out while llama.cpp computes a pass.
 *
 * llama.cpp asks of every node of a graph, a thousand times a pass, whether it is wanted. In Python
 * each of these would have to wait for the interpreter's lock. No header of ggml is needed: its
 * functions come by their addresses (rag/llm/tap.py).
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct tap {
    const char *(*name_of)(const void *tensor);
    size_t (*bytes_of)(const void *tensor);
    void (*read)(const void *tensor, void *to, size_t offset, size_t bytes);
    const char *wanted;
    char *told;
    size_t room;   /* bytes at `told` */
    size_t length; /* bytes that were told, beyond `room` where they did not fit */
    bool open;
};

bool tap_layer(void *tensor, bool asks, void *user) {
    struct tap *tap = user;
    if (!tap->open || strcmp(tap->name_of(tensor), tap->wanted) != 0) {
        return !asks;
    }
    if (!asks) {
        size_t bytes = tap->bytes_of(tensor);
        if (tap->length + bytes <= tap->room) {
            tap->read(tensor, tap->told + tap->length, 0, bytes);
        }
        tap->length += bytes;
    }
    return true;
}
