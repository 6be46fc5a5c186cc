/* A QEMU plugin that records where a program went: how often each block of straight code ran, and which block ran after
 * it. It knows no instruction set; what the instructions cost is worked out elsewhere. Every time a block that starts at
 * one of the given addresses is about to run, a new interval begins.
 *
 *   -plugin libflow.so,out=FILE[,at=ADDRESS]...     or with `probe=on` only: print "flow" and end QEMU
 *
 * FILE: `interval START` and then for each block that ran in it `START INSTRUCTIONS RUNS [NEXT:TIMES]...`, addresses in
 * hexadecimal. The first interval starts at 0. Needs the plugin interface of QEMU 6.0 to 8.2, whose few functions that are
 * used are declared here, since distributions do not package the header. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* QEMU's side. */
typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int flags, void *);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments);

enum { NO_REGISTERS = 0, BUCKETS = 1 << 14, MOST_STARTS = 64 };

struct block;

struct edge {
    struct block *to;
    uint64_t times;
    struct edge *next;
};

struct block {
    uint64_t start, runs;
    size_t instructions;
    int begins_interval;
    struct edge *edges;
    struct block *same_bucket, *next;
};

static struct block *buckets[BUCKETS], *all, *last;
static uint64_t starts[MOST_STARTS];
static unsigned start_count;
static FILE *out;

static void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes);
    if (memory == NULL)
        abort();
    return memory;
}

static void close_interval(uint64_t next_start)
{
    struct block *block;
    for (block = all; block != NULL; block = block->next) {
        struct edge *edge;
        if (block->runs != 0)
            fprintf(out, "%" PRIx64 " %zu %" PRIu64, block->start, block->instructions, block->runs);
        for (edge = block->edges; edge != NULL; edge = edge->next) {
            if (block->runs != 0 && edge->times != 0)
                fprintf(out, " %" PRIx64 ":%" PRIu64, edge->to->start, edge->times);
            edge->times = 0;
        }
        if (block->runs != 0)
            fputc('\n', out);
        block->runs = 0;
    }
    fprintf(out, "interval %" PRIx64 "\n", next_start);
}

/* Before a block runs. What it is entered from ran to its end. */
static void on_run(unsigned cpu, void *data)
{
    struct block *block = data;
    (void)cpu;
    if (last != NULL) {
        struct edge *edge = last->edges;
        while (edge != NULL && edge->to != block)
            edge = edge->next;
        if (edge == NULL) {
            edge = allocate(sizeof *edge);
            edge->to = block;
            edge->next = last->edges;
            last->edges = edge;
        }
        edge->times++;
    }
    if (block->begins_interval)
        close_interval(block->start);
    block->runs++;
    last = block;
}

/* The same code may be translated more than once. */
static struct block *find(uint64_t start, size_t instructions)
{
    unsigned bucket = (unsigned)(start / 2 % BUCKETS), i;
    struct block *block = buckets[bucket];
    while (block != NULL && (block->start != start || block->instructions != instructions))
        block = block->same_bucket;
    if (block != NULL)
        return block;
    block = allocate(sizeof *block);
    block->start = start;
    block->instructions = instructions;
    for (i = 0; i < start_count; i++)
        block->begins_interval |= starts[i] == start;
    block->same_bucket = buckets[bucket];
    buckets[bucket] = block;
    block->next = all;
    return all = block;
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *tb)
{
    struct block *block = find(qemu_plugin_tb_vaddr(tb), qemu_plugin_tb_n_insns(tb));
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_run, NO_REGISTERS, block);
}

static void on_end(plugin_id id, void *data)
{
    (void)id;
    (void)data;
    close_interval(0);
    fclose(out);
}

int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments)
{
    int i;
    (void)info;
    for (i = 0; i < count; i++) {
        const char *argument = arguments[i];
        if (strcmp(argument, "probe=on") == 0) {
            puts("flow");
            fflush(stdout);
            _Exit(0);
        } else if (strncmp(argument, "out=", 4) == 0) {
            out = fopen(argument + 4, "w");
        } else if (strncmp(argument, "at=", 3) == 0 && start_count < MOST_STARTS) {
            starts[start_count++] = strtoull(argument + 3, NULL, 0);
        } else {
            fprintf(stderr, "flow: cannot use %s\n", argument);
            return -1;
        }
    }
    if (out == NULL) {
        fputs("flow: no file to write to\n", stderr);
        return -1;
    }
    fputs("interval 0\n", out);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
