local TOMBSTONE = 120000
local ZSETS = { c = 'completed', d = 'dead', x = 'cancelled' }

-- Lets a job leave its group. The next of the group takes its turn if it has had to pass it before.
local function leave_group(K, group, order, id)
  redis.call('ZREM', K.groups, group .. '\n' .. order .. id)
  local head = redis.call('ZRANGEBYLEX', K.groups, '[' .. group .. '\n', '[' .. group .. '\n\255', 'LIMIT', 0, 1)[1]
  if not head then return end
  local next_id = string.sub(head, #group + 2 + ORDER)
  if redis.call('SREM', K.parked, next_id) == 0 then return end
  local text = redis.call('HGET', K.jobs, next_id)
  local state = redis.call('HGET', K.state, next_id)
  if not text then return end
  local score, member = place(next_id, text, state and parse(state))
  put_in_front(K, { score, member })
end

-- Lets a job give its key back: at once, or when the window is over.
local function release_key(K, key, id)
  if redis.call('HGET', K.unique, key) ~= id then return end
  local till = redis.call('ZSCORE', K.windows, key)
  if till and tonumber(till) > now then
    redis.call('HSET', K.unique, key, '!' .. id)
  else
    redis.call('HDEL', K.unique, key)
    redis.call('ZREM', K.windows, key)
  end
end

-- What others wait for until a job ends.
local function release(K, id, state)
  if not (has(state.flags, 'u') or has(state.flags, 'g')) then return end
  local text = redis.call('HGET', K.jobs, id)
  if not text then return end
  local _, _, group, key = traits(text)
  if key ~= '' then release_key(K, key, id) end
  if group ~= '' then
    local _, _, order = place(id, text, state)
    leave_group(K, group, order, id)
  end
end

-- Forgets jobs; as tombstones their ids and last tokens stay known.
local function drop(K, ids, states, tombstone)
  local notes, texts = {}, {}
  for i, id in ipairs(ids) do
    local flags = states[i] and states[i].flags or '-'
    for note in string.gmatch(flags, '[elopr]') do notes[#notes + 1] = note .. id end
    texts[2 * i - 1] = id
    texts[2 * i] = ''
  end
  call_with('HDEL', K.notes, notes)
  if tombstone then
    call_with('HSET', K.jobs, texts)
  else
    call_with('HDEL', K.jobs, ids)
    call_with('HDEL', K.state, ids)
  end
end

-- The text of a state once its job has ended, and whether others wait for that or there are notes to drop.
local function ended(old, st, keep_until)
  local s = copy(parse(old))
  s.st, s.finished_at, s.keep_until = st, now, keep_until
  return compose(s), s.flags ~= '-'
end

-- Ends jobs in one way: `states` has the text of the state of each, by index; `together` is all ids in lines. Whoever held a lease has given it back.
local function finish(K, ids, states, st, keep, together)
  local keep_until = keep > 0 and from + keep or 0
  local writes, parsed_states = {}, {}
  local old, new, special
  for i = 1, #ids do
    local id, state = ids[i], states[i]
    if state ~= old then
      old = state
      new, special = ended(old, st, keep_until)
    end
    if special then
      parsed_states[i] = parse(old)
      release(K, id, parsed_states[i])
    end
    writes[2 * i - 1] = id
    writes[2 * i] = new
  end
  redis.call('HSET', K.state, unpack(writes))
  if keep > 0 then
    keep_records(K[ZSETS[st]], ZSETS[st], together, #ids, keep_until)
  else
    drop(K, ids, parsed_states, true)
    redis.call('ZADD', K.tombs, from + TOMBSTONE, together)
    sweep_at(K.meta, from + TOMBSTONE)
  end
  tell(st, together)
end

-- Of jobs that ended together those of whom it is still so, their states, and the number of the state that is kept for all of them.
local function still(K, entry, condition)
  local left, states = {}, {}
  local ids, number = read_entry(entry)
  for i, text in ipairs(states_of(K, ids)) do
    local state = text and parse(text)
    if state and is_final(state) and condition(state) then
      left[#left + 1] = ids[i]
      states[#states + 1] = state
    end
  end
  return left, states, number
end

-- Removes an entry of jobs that ended together, and what is kept for all of them.
local function strike(K, set, entry, number)
  redis.call('ZREM', set, entry)
  if number then redis.call('HDEL', K.notes, 's' .. number) end
end

-- A job that was sent back and has ended again is in another entry.
local function ended_so(st, keep_until)
  return function(state) return state.st == st and tonumber(state.keep_until) == keep_until end
end
