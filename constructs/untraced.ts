/**
 * Runs `make` without cdktf recording where each list and block of a resource was made. It keeps none of these traces, and with
 * source maps on, taking them is most of the time a large synth takes. Errors thrown by `make` keep their own trace.
 */
export function untraced<T>(make: () => T): T {
  const capture = Error.captureStackTrace;
  Error.captureStackTrace = () => {};
  try {
    return make();
  } finally {
    Error.captureStackTrace = capture;
  }
}
