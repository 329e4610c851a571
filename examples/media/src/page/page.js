// @ts-nocheck: it runs in browsers, whose types are not those of this package.
// The page of the media service: hand items in, watch what becomes of them.

/** @typedef {{ id: string, name: string, kind: string, state: string, failures: number, progress?: number, result?: any, error?: string }} Item */

const WORDS = {
  waiting: 'waiting',
  scheduled: 'tried again soon',
  active: 'in work',
  completed: 'ready',
  dead: 'failed',
  cancelled: 'cancelled',
}
const PAGE = 50
const UPLOADS_AT_A_TIME = 3

const find = (selector) => document.querySelector(selector)
const list = find('#items ol')
/** @type {Map<string, Item>} */
const items = new Map()
/** @type {EventSource | undefined} */
let events
let next

class Refusal extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

async function call(path, options) {
  const answer = await fetch(path, options)
  if (answer.ok) return answer.status === 204 ? undefined : answer.json()
  const { error } = await answer.json().catch(() => ({}))
  throw new Refusal(answer.status, error?.message ?? `the server answered ${answer.status}`)
}

const json = (body) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

// Signing in and out

async function begin() {
  try {
    enter(await call('session'))
  } catch (error) {
    if (error.status !== 401) throw error
    // Whether everybody may sign in is for the server to say.
    const { paths } = await call('openapi.json')
    find(paths['/session'].post === undefined ? '#closed' : '#sign-in').hidden = false
  }
}

function enter({ user }) {
  find('#sign-in').hidden = true
  find('#who span').textContent = user
  for (const part of ['#who', '#status', '#submit', '#items']) find(part).hidden = false
  follow()
}

find('#sign-in').addEventListener('submit', async (event) => {
  event.preventDefault()
  const { user, email } = Object.fromEntries(new FormData(event.target))
  const problem = find('#sign-in .problem')
  problem.hidden = true
  try {
    enter(await call('session', json({ user, ...(email !== '' && { email }) })))
  } catch (error) {
    problem.textContent = error.message
    problem.hidden = false
  }
})

find('#who button').addEventListener('click', async () => {
  events?.close()
  await call('session', { method: 'DELETE' })
  location.reload()
})

// Watching

/** The stream tells what happens from now on. So each time it begins, the newest items are asked for after that. */
function follow() {
  events = new EventSource('events')
  events.addEventListener('open', () => {
    tell('live', true)
    void load()
  })
  events.addEventListener('error', () => {
    tell('connecting…', false)
    // The browser comes back by itself, but not after a refusal.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => void comeBack(), 3_000)
  })
  events.addEventListener('progress', ({ data }) => {
    const { job, progress } = JSON.parse(data)
    const item = items.get(job.id)
    if (item !== undefined) show({ ...item, state: 'active', progress: progress?.share })
  })
  events.addEventListener('outcome', ({ data }) => {
    const { job } = JSON.parse(data)
    // What is further down is asked for when it is shown.
    if (items.has(job.id)) void refresh(job.id)
  })
}

async function comeBack() {
  try {
    await call('session')
    follow()
  } catch ({ status }) {
    if (status === 401) location.reload()
    else setTimeout(() => void comeBack(), 3_000)
  }
}

async function refresh(id) {
  show(await call(`items/${id}`))
}

function tell(text, isLive) {
  find('#status').textContent = text
  find('#status').classList.toggle('live', isLive)
}

async function load(after) {
  const page = await call(`items?limit=${PAGE}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`)
  if (after === undefined) {
    items.clear()
    list.replaceChildren()
  }
  next = page.next
  find('#more').hidden = next === undefined
  for (const item of page.items) show(item, 'append')
  find('#empty').hidden = items.size > 0
  if (after === undefined) await showWanted()
}

/** A mail leads to an item of any age. */
async function showWanted() {
  const id = decodeURIComponent(location.hash.slice(1))
  if (id === '') return
  if (!items.has(id)) await refresh(id).catch(() => {})
  document.getElementById(id)?.scrollIntoView({ block: 'center' })
}

find('#more').addEventListener('click', () => load(next))

// Showing

/** @param {Item} item */
function show(item, place = 'prepend') {
  const known = items.has(item.id)
  // An answer can be older than the news that came meanwhile.
  if (known && isOver(items.get(item.id)) && !isOver(item)) return
  items.set(item.id, item)
  const row = draw(item)
  if (known) document.getElementById(item.id).replaceWith(row)
  else list[place](row)
  find('#empty').hidden = true
}

function isOver({ state }) {
  return ['completed', 'dead', 'cancelled'].includes(state)
}

/** @param {Item} item */
function draw({ id, name, state, failures, progress, result, error }) {
  const row = find('#item').content.firstElementChild.cloneNode(true)
  row.id = id
  row.className = `#${id}` === location.hash ? `${state} wanted` : state
  row.querySelector('.name').textContent = name
  row.querySelector('.state').textContent = WORDS[state] ?? state
  const facts = [
    ...(result === undefined ? [] : [describe(result)]),
    ...(failures > 0 ? [`${failures} failed ${failures === 1 ? 'attempt' : 'attempts'}`] : []),
    ...(error === undefined ? [] : [error]),
  ]
  row.querySelector('.facts').textContent = facts.join(' · ')
  const bar = row.querySelector('progress')
  bar.hidden = state !== 'active'
  if (progress !== undefined) bar.value = progress

  const files = filesOf(result)
  const address = (file) => `items/${id}/files/${file}`
  const picture = row.querySelector('.picture')
  if (files.length > 0) {
    const image = new Image()
    image.src = address(result.kind === 'video' ? 'poster.webp' : 'small.webp')
    image.alt = ''
    image.loading = 'lazy'
    picture.href = address(files[0].file)
    picture.replaceChildren(image)
  }
  row.querySelector('.files').append(...files.map(({ label, file }) => linkTo(label, address(file))))
  return row
}

function describe({ kind, thumbnails, video }) {
  if (kind === 'video') return `${video.seconds.toFixed(1)} s, ${size(video.bytes)}`
  return `${thumbnails.large.width} × ${thumbnails.large.height}`
}

function filesOf(result) {
  if (result === undefined) return []
  const { kind, thumbnails, video, poster } = result
  return Object.entries(kind === 'image' ? thumbnails : { video, poster }).map(([label, { file }]) => ({ label, file }))
}

function linkTo(label, href) {
  const link = document.createElement('a')
  Object.assign(link, { textContent: label, href, target: '_blank', rel: 'noopener' })
  return link
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

// Handing in

async function handIn(name, submit) {
  try {
    const { id, kind } = await submit()
    // From now on its news are followed.
    show({ id, name, kind, state: 'waiting', failures: 0 })
    await refresh(id)
  } catch (error) {
    const line = document.createElement('li')
    line.textContent = `${name}: ${error.message}`
    find('#problems').append(line)
  }
}

async function upload(files) {
  find('#problems').replaceChildren()
  const rest = [...files].values()
  const work = async () => {
    for (const file of rest) {
      const body = new FormData()
      body.append('file', file)
      // A repeat, by the browser or a proxy, makes no second item.
      const headers = { 'idempotency-key': crypto.randomUUID() }
      await handIn(file.name, () => call('items/upload', { method: 'POST', body, headers }))
    }
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_A_TIME }, work))
}

find('#files').addEventListener('change', async ({ target }) => {
  await upload(target.files)
  target.value = ''
})

find('#link').addEventListener('submit', async (event) => {
  event.preventDefault()
  find('#problems').replaceChildren()
  const { url } = Object.fromEntries(new FormData(event.target))
  await handIn(url, () => call('items/link', json({ url })))
  event.target.reset()
})

const drop = find('#drop')
for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop'])
  drop.addEventListener(kind, (event) => {
    event.preventDefault()
    drop.classList.toggle('over', kind === 'dragenter' || kind === 'dragover')
  })
drop.addEventListener('drop', ({ dataTransfer }) => upload(dataTransfer.files))

await begin()
