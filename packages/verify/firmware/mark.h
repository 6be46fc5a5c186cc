/* Included before a model that is to be profiled, with PREFIX_ON_LAYER defined as HARNESS_MARK: a call that the compiler
 * does not know for one, so that it compiles the model as it would without. The mark keeps every register but the
 * return address, and takes one instruction here. */
#if defined(__riscv)
#define HARNESS_MARK_HERE __asm__ volatile("jal ra, harness_mark" : : : "ra", "memory")
#else
#define HARNESS_MARK_HERE __asm__ volatile("bl harness_mark" : : : "lr", "cc", "memory")
#endif

/* Generated code uses the name in a declaration as well, where `unsigned layer` stands for the number of a layer. */
#define HARNESS_SECOND(first, second, ...) second
#define HARNESS_CHOOSE(...) HARNESS_SECOND(__VA_ARGS__)
#define HARNESS_LAYER_unsigned ~, harness_mark(void),
#define HARNESS_MARK(layer, data, bytes) HARNESS_CHOOSE(HARNESS_LAYER_##layer, HARNESS_MARK_HERE, ~)
