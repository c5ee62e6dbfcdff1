// fsk_pool: who runs the tasks of a stage. OpenMP's runtime, found when first needed and never
// linked; plain threads where there is none; or a parallel-for of the host's own. Not a scheduler: a stage is
// one flat list of equal tasks.
#ifndef FSK_POOL_H
#define FSK_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void fsk_task(void *argument, size_t index);

// A parallel-for: calls task(argument, i) once for each i < count, from any threads, and returns when all
// have returned.
typedef void fsk_parallel_for(void *context, fsk_task *task, void *argument, size_t count);

// A flag that one thread may set while others look: 0 or 1. Orders nothing else.
typedef struct fsk_flag {
    int32_t value;
} fsk_flag;

void fsk_flag_set(fsk_flag *flag, bool value);
bool fsk_flag_is_set(const fsk_flag *flag); // NULL: none is there to be set

// Threads that wait for one stage after the other: see fsk_pool_lead.
typedef struct fsk_team fsk_team;

typedef struct fsk_pool {
    uint32_t cpu;                   // bits of fsk_cpu() that kernels may use
    int32_t threads;                // 1 or more; this one among them
    fsk_parallel_for *parallel_for; // the host's own, or NULL
    void *context;                  // goes to parallel_for
    const fsk_flag *cancelled;      // tasks not yet begun are left out once it is set; or NULL
    fsk_team *team;                 // whose threads run the tasks; NULL: those of a region for each stage
} fsk_pool;

// Runs task(argument, i) for each i < count. Which thread runs which task is not fixed, so a task must write
// only what belongs to its index. Serial for one task or one thread.
void fsk_pool_run(const fsk_pool *pool, fsk_task *task, void *argument, size_t count);

typedef void fsk_worker_task(void *argument, size_t index, size_t worker);

// The same for tasks that need scratch memory: `worker`, below max(threads, 1), is never the same in two
// tasks that run at once, whoever runs them.
void fsk_pool_run_workers(const fsk_pool *pool, fsk_worker_task *task, void *argument, size_t count);

typedef void fsk_leader(void *context, fsk_team *team);

// Calls leader(context, team) on this thread while the pool's other threads wait for the stages that it runs:
// those of pools whose `team` is this one, which is gone when the leader returns. Stages then begin and end
// within a microsecond. The team is NULL for one thread, a host's own parallel-for, and within another team.
void fsk_pool_lead(const fsk_pool *pool, fsk_leader *leader, void *context);

// The OpenMP runtime that is used: the file's name, or NULL where none was found that may begin. Loads it if
// need be, as the first stage of several tasks on several threads does; nothing else here loads one.
const char *fsk_openmp_name(void);

// Processors that this process may run on, at least 1.
int32_t fsk_processor_count(void);

#endif
