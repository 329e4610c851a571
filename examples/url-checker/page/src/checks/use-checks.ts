import { computed, ref, shallowRef, watch } from 'vue'
import { useChanges } from '../api/changes.ts'
import { readChecks, readPending, type ChecksPage, type Outcome, type Pending } from '../api/requests.ts'

const LIMIT = 20

/** What the page shows, kept up to date. */
export function useChecks() {
  const page = shallowRef<ChecksPage>()
  const pending = shallowRef<Pending>({ jobs: [], total: 0 })
  const outcome = ref<Outcome>()
  const trouble = ref('')
  /** Where each page begins, from the newest to the one that is shown. */
  const starts = ref<readonly (string | undefined)[]>([undefined])
  const next = computed(() => page.value?.next ?? undefined)
  let newest = 0

  async function refresh(): Promise<void> {
    const mine = ++newest
    const query = { limit: LIMIT, after: starts.value.at(-1), outcome: outcome.value }
    try {
      const [checks, jobs] = await Promise.all([readChecks(query), readPending()])
      // An answer that was overtaken by another question is out of date.
      if (mine !== newest) return
      page.value = checks
      pending.value = jobs
      trouble.value = ''
    } catch (error) {
      if (mine === newest) trouble.value = (error as Error).message
    }
  }

  const isLive = useChanges(() => void refresh())
  watch(outcome, () => {
    starts.value = [undefined]
  })
  watch(starts, () => void refresh())
  void refresh()

  return {
    page,
    pending,
    outcome,
    trouble,
    isLive,
    refresh,
    number: computed(() => starts.value.length),
    hasNewer: computed(() => starts.value.length > 1),
    hasOlder: computed(() => next.value !== undefined),
    showNewer: () => {
      if (starts.value.length > 1) starts.value = starts.value.slice(0, -1)
    },
    showOlder: () => {
      if (next.value !== undefined) starts.value = [...starts.value, next.value]
    },
  }
}
