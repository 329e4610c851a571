-- The keys of a queue, in the order in which they are passed. Enqueueing needs the first nine only.
local function queue_at(first)
  return {
    jobs = KEYS[first],           -- hash: id -> text of the job; '' for one whose record is dropped
    ready = KEYS[first + 1],      -- list: ids never claimed, of priority 0, in the order of enqueueing
    front = KEYS[first + 2],      -- sorted set: what goes ahead of `ready`; score -priority, member order .. id
    later = KEYS[first + 3],      -- sorted set: ids by the time at which they fall due
    groups = KEYS[first + 4],     -- sorted set, by member: group \n order .. id of each unfinished job of a group
    unique = KEYS[first + 5],     -- hash: key -> id of its holder, '!' .. id once that is finished and its window lasts
    windows = KEYS[first + 6],    -- sorted set: keys by the time until which they stay taken at least
    meta = KEYS[first + 7],       -- hash: stamp, paused, sweep, ghosts, and how many are active, completed, dead, cancelled
    waiters = KEYS[first + 8],    -- sorted set: claims that wait for work, as lua/wake.lua has them, by the end of their wait
    state = KEYS[first + 9],      -- hash: id -> state of each job that was claimed (but not of a fresh claim), or finished, or sent back; or '@' and the number of one that `notes` has
    claims = KEYS[first + 10],    -- hash: claim -> its ids, '#' .. claim -> how many of them it still leases
    leases = KEYS[first + 11],    -- sorted set: claims by the end of their lease
    single = KEYS[first + 12],    -- sorted set: ids that have left the lease of their claim, by the end of their own
    parked = KEYS[first + 13],    -- set: ids that had their turn while another of their group was unfinished
    ghosts = KEYS[first + 14],    -- hash: id -> how many of its entries in `ready` are void
    completed = KEYS[first + 15], -- sorted sets: ids that ended together, and the number of their state if it has one, by the time at which their records leave
    dead = KEYS[first + 16],
    cancelled = KEYS[first + 17],
    tombs = KEYS[first + 18],     -- sorted set: the same, by the time at which they are forgotten
    notes = KEYS[first + 19],     -- hash: 'r' .. id -> result, 'e' errors, 'l' log lines, 'p' progress; 's' .. number -> state of jobs that ended together
    events = KEYS[first + 20],    -- stream: jobs that finished, while somebody watches
    watched = KEYS[first + 21],   -- string: somebody watches
    outbox = KEYS[first + 22],    -- sorted set: jobs on their way to other queues of a cluster, by the time at which they were put there
    fresh = KEYS[first + 23],     -- sorted set: claims of whose jobs `state` has nothing yet, as lua/plain.lua has it, by the time of the claim
  }
end

local COMMA = 44
local AT = 64
local ORDER = 11 -- length of an order: nine digits of time and two of the place in the call

-- An entry of jobs that ended together: their ids, and the number of the state that is kept for all of them, if there is one.
local function read_entry(entry)
  local together, number = string.match(entry, '^(.*)\n\n([^\n]+)$')
  return split(together or entry), number
end

-- Texts of jobs. A plain one is order ',' name \n payload; any other is order ';' flags \n name \n priority \n group \n key \n policy \n headers \n payload.

local function is_plain(text)
  return string.byte(text, ORDER + 1) == COMMA
end

local function traits(text)
  if is_plain(text) then return '', 0, '', '' end
  local flags, priority, group, key = string.match(text, '^(%a*)\n[^\n]*\n(%d+)\n([^\n]*)\n([^\n]*)\n', ORDER + 2)
  return flags or '', tonumber(priority or 0), group or '', key or ''
end

-- States of jobs: words parted by spaces. `st` is one of w(aiting), a(ctive), c(ompleted), d(ead), x (cancelled); `flags` are of b(egun),
-- q (cancel requested), u(nique), g(rouped), and e, l, o, p, r for what `notes` has. Equal texts are parsed once and must not be changed.

local STATE = '^(%a) (%d+) (%S+) (%S+) (%d+) (%d+) (%d+) (%S+) (%S+) (%S+) (%S+)$'
local parsed = {}

local function parse(text)
  local state = parsed[text]
  if state == nil then
    local st, attempt, claim, claimed_at, failures, crashes, redrives, flags, finished_at, keep_until, order = string.match(text, STATE)
    state = st and {
      st = st, attempt = attempt, claim = claim, claimed_at = claimed_at, failures = failures, crashes = crashes,
      redrives = redrives, flags = flags, finished_at = finished_at, keep_until = keep_until, order = order,
    } or false
    parsed[text] = state
  end
  return state
end

-- Texts of states of jobs that may have ended, by index.
local function states_of(K, ids)
  local texts = redis.call('HMGET', K.state, unpack(ids))
  local number, state
  for i = 1, #ids do
    local text = texts[i]
    if text and string.byte(text) == AT then
      if text ~= number then
        number, state = text, redis.call('HGET', K.notes, 's' .. string.sub(text, 2))
      end
      texts[i] = state
    end
  end
  return texts
end

local function compose(s)
  return table.concat({
    s.st, s.attempt, s.claim, s.claimed_at, s.failures, s.crashes, s.redrives, s.flags, s.finished_at, s.keep_until, s.order,
  }, ' ')
end

-- A job that was never claimed.
local function unclaimed(flags)
  return {
    st = 'w', attempt = 0, claim = '-', claimed_at = 0, failures = 0, crashes = 0, redrives = 0,
    flags = flags == '' and '-' or flags, finished_at = 0, keep_until = 0, order = '-',
  }
end

local function copy(state)
  local s = {}
  for name, value in pairs(state) do s[name] = value end
  return s
end

local function has(flags, flag)
  return string.find(flags, flag, 1, true) ~= nil
end

local function with(flags, flag)
  if has(flags, flag) then return flags end
  return flags == '-' and flag or flags .. flag
end

local function without(flags, flag)
  local rest = string.gsub(flags, flag, '')
  return rest == '' and '-' or rest
end

local function is_final(state)
  return state.st == 'c' or state.st == 'd' or state.st == 'x'
end

-- Whether the newest claim of a job is this one.
local function is_of(state, attempt, claim)
  return state.attempt == attempt and state.claim == claim
end

-- Where a job stands among its elders, and its priority.
local function place(id, text, state)
  local _, priority = traits(text)
  local order = state and state.order ~= '-' and state.order or string.sub(text, 1, ORDER)
  return -priority, order .. id, order
end

local function call_with(command, key, values)
  if #values > 0 then return redis.call(command, key, unpack(values)) end
  return 0
end

-- The text of a job, where those of many are looked at one after the other. What was looked at leaves the memory of scripts before it is much: it is of the
-- server's, and Redis 8 counts it as the jobs' own.
local looked_at = 0

local function glance(K, id)
  local text = redis.call('HGET', K.jobs, id)
  looked_at = looked_at + (text and #text or 0)
  if looked_at > BYTES then
    collectgarbage()
    looked_at = 0
  end
  return text
end

-- Stores the texts of new jobs: id and text of each.
local function put_texts(K, texts)
  call_with('HSET', K.jobs, texts)
end

-- Gives jobs a lease of their own.
local function lease_apart(K, ids, ends)
  local scored = {}
  for i, id in ipairs(ids) do scored[2 * i - 1], scored[2 * i] = ends, id end
  call_with('ZADD', K.single, scored)
end

-- Whether a claim may find something now that it did not find before, and whether all who wait have to look when that will be.
local stirred = false
local postponed = false

local function put_last(K, ids)
  stirred = call_with('RPUSH', K.ready, ids) > 0 or stirred
end

local function put_in_front(K, scored)
  if #scored == 0 then return end
  redis.call('ZADD', K.front, unpack(scored))
  stirred = true
end

local function put_off(K, scored)
  if #scored == 0 then return end
  local first = tonumber(redis.call('ZRANGE', K.later, 0, 0, 'WITHSCORES')[2])
  redis.call('ZADD', K.later, unpack(scored))
  for i = 1, #scored, 2 do postponed = postponed or not first or scored[i] < first end
end

-- To be called once all is stored: tells those who wait, if there is a reason. A job that falls due earlier than any other before is
-- told to all, so that each looks in time and has the same chance to get it.
local function wake_if_stirred(K, clustered)
  if postponed then
    for _, waiter in ipairs(redis.call('ZRANGE', K.waiters, 0, 99)) do tell_waiter(waiter, K.jobs) end
  elseif stirred then
    wake(K.waiters, K.jobs, clustered)
  end
  stirred, postponed = false, false
end
