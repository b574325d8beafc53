/* SIGTERM becomes a readable descriptor, SIGINT is ignored. One at a time in a
 * process. */
#ifndef DROVER_SRC_SIGNALS_H_
#define DROVER_SRC_SIGNALS_H_

/* From now on each SIGTERM adds 1 to the eventfd. 0, or DROVER_E_SYSTEM. */
int drvr_signals_take(int eventfd);

/* Restores what was there before drvr_signals_take(). */
void drvr_signals_give_back(void);

#endif /* DROVER_SRC_SIGNALS_H_ */
