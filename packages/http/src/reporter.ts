/**
 * Tells an app of errors. What the app throws at that is printed, and stops nothing.
 * @param onError default: `console.error`
 */
export function reporter<Native>(
  onError: (error: unknown, request: Native) => void = (error) => console.error(error),
): (error: unknown, request: Native) => void {
  return (error, request) => {
    try {
      onError(error, request)
    } catch (failure) {
      console.error(failure)
    }
  }
}
