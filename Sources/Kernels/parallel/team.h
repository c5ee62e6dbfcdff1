// team: threads that stay together for many stages. Private to parallel/.
#ifndef FSK_TEAM_H
#define FSK_TEAM_H

#include "fsk_pool.h"

// Runs task(argument, i) for each i < count, by the leader, who calls, and whoever of the team is there.
void fsk_team_run(fsk_team *team, fsk_task *task, void *argument, size_t count, const fsk_flag *cancelled);

#endif
