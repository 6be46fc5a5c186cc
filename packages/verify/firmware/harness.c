/* Runs a model on the inferences of request.bin and writes tagged records to reply.bin: outputs, instruction counter
 * readings, per-layer checksums when the model was compiled for tracing, and per-layer readings when for profiling. One inference is in memory at a time. */
#include "anymote-harness.h"

enum { MAGIC = 0x31544d41 };
enum tag { TAG_CALIBRATION = 1, TAG_READING, TAG_OUTPUT, TAG_LAYER, TAG_DUMP, TAG_END, TAG_INIT, TAG_MARKS };

static int reply;
static uint32_t inference, dump_layer, current_layer, layer_crc;
static const uint32_t no_layer = 0xffffffffu;
uint32_t *harness_next_mark;

static void fail(const char *text)
{
    platform_print(text);
    platform_exit(2);
}

static void put(enum tag tag, const void *payload, uint32_t bytes)
{
    uint32_t head[2];
    head[0] = (uint32_t)tag;
    head[1] = bytes;
    if (platform_write(reply, head, sizeof head) != 0 || (bytes != 0 && platform_write(reply, payload, bytes) != 0))
        fail("harness: cannot write the reply\n");
}

/* CRC-32 as in zlib (reflected 0xedb88320), four bits at a time; `crc` is that of the bytes before, 0 at the start. */
static uint32_t crc32(uint32_t crc, const void *data, uint32_t bytes)
{
    static uint32_t table[16];
    const uint8_t *at = data;
    uint32_t i;
    crc = ~crc;
    if (table[1] == 0)
        for (i = 0; i < 16; i++) {
            uint32_t value = i, bit;
            for (bit = 0; bit < 4; bit++)
                value = (value & 1u) != 0 ? (value >> 1) ^ 0xedb88320u : value >> 1;
            table[i] = value;
        }
    for (i = 0; i < bytes; i++) {
        crc = table[(crc ^ at[i]) & 15u] ^ (crc >> 4);
        crc = table[(crc ^ (uint32_t)(at[i] >> 4)) & 15u] ^ (crc >> 4);
    }
    return ~crc;
}

/* A layer with several outputs comes once for each, in a row: its checksum runs on, and so does its dump. */
void harness_on_layer(unsigned layer, const void *data, uint32_t bytes)
{
    uint32_t record[3];
    layer_crc = crc32(layer == current_layer ? layer_crc : 0, data, bytes);
    current_layer = layer;
    record[0] = layer;
    record[1] = bytes;
    record[2] = layer_crc;
    put(TAG_LAYER, record, sizeof record);
    if (inference == 0 && layer == dump_layer)
        put(TAG_DUMP, data, bytes);
}

static void nothing(void *state)
{
    (void)state;
}

static void run(enum tag tag, void (*function)(void *state))
{
    uint32_t record[7], i;
    struct platform_reading reading;
    record[6] = platform_measure(function, harness_model.state, &reading);
    for (i = 0; i < 3; i++) {
        record[i] = reading.before[i];
        record[3 + i] = reading.after[i];
    }
    if (platform_stack_overflowed())
        fail("harness: the stack overflowed\n");
    put(tag, record, sizeof record);
}

/* As run, with the marks it leaves. */
static void run_marked(enum tag tag, void (*function)(void *state))
{
    uint32_t *marks = harness_model.marks;
    harness_next_mark = marks;
    run(tag, function);
    if (marks != 0)
        put(TAG_MARKS, marks, (uint32_t)((uint8_t *)harness_next_mark - (uint8_t *)marks));
}

int harness_main(void)
{
    const struct harness_model *model = &harness_model;
    uint32_t head[3], i;
    uint8_t *memory = model->memory;
    int request = platform_open("request.bin", 0);
    reply = platform_open("reply.bin", 1);
    if (request < 0 || reply < 0 || platform_read(request, head, sizeof head) != 0 || head[0] != MAGIC)
        fail("harness: cannot read the request\n");
    dump_layer = head[2];

    platform_counter_start();
    run(TAG_CALIBRATION, nothing);
    if (model->marks != 0)
        run_marked(TAG_CALIBRATION, platform_mark_twice);

    /* Whatever init and the inputs do not set must not matter. */
    for (i = 0; i < model->memory_bytes; i++)
        memory[i] = 0xa5;
    run(TAG_INIT, model->init);
    for (inference = 0; inference < head[1]; inference++) {
        for (i = 0; i < model->input_count; i++)
            if (platform_read(request, model->input(i), model->input_bytes[i]) != 0)
                fail("harness: the request is too short\n");
        current_layer = no_layer;
        run_marked(TAG_READING, model->run);
        for (i = 0; i < model->output_count; i++)
            put(TAG_OUTPUT, model->output(i), model->output_bytes[i]);
    }
    put(TAG_END, 0, 0);
    platform_close(reply);
    platform_close(request);
    return 0;
}
