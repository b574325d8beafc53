/* As much of HTTP/1.1 as this example needs: requests without a body. No I/O.
 */
#ifndef EXAMPLES_WORKER_C_HTTP_H_
#define EXAMPLES_WORKER_C_HTTP_H_

#include <stddef.h>

/* The longest head of a request, and the longest answer. */
enum { HTTP_HEAD_MAX = 4096, HTTP_ANSWER_MAX = 1024 };

struct http_request {
  int status;   /* what to answer: 200, 400, 404, 405 */
  int delay_ms; /* how long the work takes: 0, or of /slow?ms=N */
  int keep;     /* the client wants to keep the connection */
};

/* The length of the request at the beginning of `data`, and what it asks for;
 * 0 if it is not whole. */
size_t http_parse(const char* data, size_t size,
                  struct http_request* ret_request);

/* Writes an answer of at most HTTP_ANSWER_MAX bytes; returns its length. */
size_t http_format(const struct http_request* request, const char* greeting,
                   int keep, char* ret_answer);

#endif /* EXAMPLES_WORKER_C_HTTP_H_ */
