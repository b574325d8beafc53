#include "examples/worker_c/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { DELAY_MAX_MS = 60000 };

/* A copy of the head, ended by '\0'; 0 if it is not whole. */
static size_t copy_head(const char* data, size_t size, char* head) {
  static const char end[] = "\r\n\r\n";
  const char* found = memmem(data, size, end, strlen(end));
  size_t length;
  if (found == NULL) return 0;
  length = (size_t)(found - data) + strlen(end);
  if (length > HTTP_HEAD_MAX) return 0;
  memcpy(head, data, length);
  head[length] = '\0';
  return length;
}

/* The value of a header, up to the end of its line; NULL if there is none. */
static const char* header(const char* head, const char* name) {
  const size_t length = strlen(name);
  const char* line = strstr(head, "\r\n");
  while (line != NULL) {
    line += 2;
    if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
      line += length + 1;
      return line + strspn(line, " \t");
    }
    line = strstr(line, "\r\n");
  }
  return NULL;
}

static int status_of(const char* method, const char* target, int* ret_delay) {
  static const char slow[] = "/slow?ms=";
  char* end = NULL;
  long ms;
  *ret_delay = 0;
  if (strcmp(method, "GET") != 0) return 405;
  if (strcmp(target, "/") == 0) return 200;
  if (strncmp(target, slow, strlen(slow)) != 0) return 404;
  ms = strtol(target + strlen(slow), &end, 10);
  if (end == target + strlen(slow) || *end != '\0' || ms < 0 ||
      ms > DELAY_MAX_MS) {
    return 400;
  }
  *ret_delay = (int)ms;
  return 200;
}

size_t http_parse(const char* data, size_t size,
                  struct http_request* ret_request) {
  char head[HTTP_HEAD_MAX + 1];
  char method[16];
  char target[256];
  const char* connection;
  int minor = 0;
  const size_t length = copy_head(data, size, head);
  if (length == 0) return 0;
  ret_request->status = 400;
  ret_request->delay_ms = 0;
  ret_request->keep = 0;
  if (sscanf(head, "%15s %255s HTTP/1.%d", method, target, &minor) != 3 ||
      header(head, "Content-Length") || header(head, "Transfer-Encoding")) {
    return length;
  }
  connection = header(head, "Connection");
  ret_request->keep = minor >= 1 && (connection == NULL ||
                                     strncasecmp(connection, "close", 5) != 0);
  ret_request->status = status_of(method, target, &ret_request->delay_ms);
  return length;
}

static const char* reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    default:
      return "Bad Request";
  }
}

size_t http_format(const struct http_request* request, const char* greeting,
                   int keep, char* ret_answer) {
  const char* words = request->status == 200 ? greeting : "try / or /slow\n";
  const int length =
      snprintf(ret_answer, HTTP_ANSWER_MAX,
               "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\n"
               "X-Worker-Pid: %ld\r\nContent-Length: %zu\r\n%s\r\n%s",
               request->status, reason(request->status), (long)getpid(),
               strlen(words), keep ? "" : "Connection: close\r\n", words);
  return (size_t)length;
}
