import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** While the stream is open it only catches what the stream missed. */
const SELDOM = 15_000
const OFTEN = 3_000
/** Events that come together are one change. */
const TOGETHER = 150

/**
 * Calls `onChange` when the service says that a check is completed, and at times without it: the stream may be closed, by a proxy for instance. Answers whether it is open.
 */
export function useChanges(onChange: () => void): Readonly<Ref<boolean>> {
  const isLive = ref(false)
  let timer = 0
  const callIn = (ms: number): void => {
    clearTimeout(timer)
    timer = window.setTimeout(() => {
      // Nobody looks at it; the visit counts as a change.
      if (!document.hidden) onChange()
      // After some answers, a 502 for instance, the browser does not try again by itself.
      if (stream.readyState === EventSource.CLOSED) stream = listen()
      callIn(isLive.value ? SELDOM : OFTEN)
    }, ms)
  }
  const onVisible = (): void => {
    if (!document.hidden) callIn(0)
  }

  const listen = (): EventSource => {
    const opened = new EventSource('live')
    opened.addEventListener('open', () => {
      isLive.value = true
      callIn(0)
    })
    opened.addEventListener('error', () => {
      isLive.value = false
      callIn(OFTEN)
    })
    opened.addEventListener('outcome', () => callIn(TOGETHER))
    return opened
  }
  let stream = listen()
  document.addEventListener('visibilitychange', onVisible)
  // A stream that a proxy holds back neither opens nor fails.
  callIn(OFTEN)

  onScopeDispose(() => {
    stream.close()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisible)
  })
  return readonly(isLive)
}
