/* How far the model goes. A conforming worker needs room for all that the
 * supervisor can have on the way (property queue_suffices); a hostile one has
 * to be able to fill the queue. */
#ifndef WISHES
#define WISHES 2
#endif
#ifndef SPAWNS
#define SPAWNS 2
#endif
#ifndef ABLE
#define ABLE true     /* it has RESUME, RELOAD, PROGRESS, REQUEST, USER_MESSAGES */
#endif
#ifndef CHILD
#define CHILD false   /* a wrapper or a fork, of its group, has the channel too */
#endif
#ifndef EXTRAS
#define EXTRAS 1      /* reports and requests of a process that nobody asked for */
#endif
#ifndef BACKLOG
#define BACKLOG 2     /* frames that the supervisor has not read */
#endif
#define PINGS 1       /* Pings to one process */
#define EXTENSIONS 1  /* times that a deadline is moved: extend_max */
#ifdef HOSTILE
#define QUEUE_TO_WORKER 2
#define QUEUE_TO_SUPERVISOR BACKLOG
#define SLOW_TO_DIE true
#else
#define QUEUE_TO_WORKER 6
#define QUEUE_TO_SUPERVISOR BACKLOG
#define SLOW_TO_DIE (deaf || frozen)
#endif
