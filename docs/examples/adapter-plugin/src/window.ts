/** Requests that are under way at once, so many that a distant server is kept busy, and no more. */
export class Window {
  #underWay = 0
  #failure: { readonly error: unknown } | undefined
  #wake: () => void = () => {}

  add(request: Promise<unknown>): void {
    this.#underWay++
    void this.#watch(request)
  }

  /** Waits until at most so many are under way. @throws the first error of one of them */
  async until(most: number): Promise<void> {
    while (this.#failure === undefined && this.#underWay > most) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    if (this.#failure) throw this.#failure.error
  }

  async #watch(request: Promise<unknown>): Promise<void> {
    try {
      await request
    } catch (error) {
      this.#failure ??= { error }
    }
    this.#underWay--
    this.#wake()
  }
}
