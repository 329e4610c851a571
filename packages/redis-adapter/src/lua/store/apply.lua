-- ARGV: longest delay and grace of the hand-off, its origin, whether this is a cluster, how many groups of settlements, and those. Answers for each settlement
-- '0' lost, '1' applied, or '2' where it was only asked and the claim goes on.
local K = queue_at(1)
allow_when_full()
handed_delay, grace, origin = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local clustered = ARGV[4] == '1'
local answers = {}

-- Settles jobs in one way. ARGV from `at`: outcome (c, d, x, w for a return, or ? to ask), keep or delay, whether it counts as a failure, whether each has a
-- value, their ids, their claims, the values, and the batches that follow, as in lua/settling.lua. Answers where the next group begins.
local function apply(at)
  local outcome, duration, counts, valued = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2] == '1', ARGV[at + 3] == '1'
  local ids, claims_of = split(ARGV[at + 4]), split(ARGV[at + 5])
  at = at + 6
  local held, held_states, values = {}, {}, {}
  for i, text in ipairs(redis.call('HMGET', K.state, unpack(ids))) do
    local verdict = verdict_on(text, nil, claims_of[i])
    if verdict ~= 'held' then
      answers[#answers + 1] = verdict == 'lost' and '0' or '1'
    elseif outcome == '?' then
      answers[#answers + 1] = '2'
    else
      answers[#answers + 1] = '1'
      local n = #held + 1
      held[n], held_states[n], values[n] = ids[i], text, valued and ARGV[at + i - 1] or nil
      returned[ids[i]] = true
    end
  end
  if valued then at = at + #ids end
  if #held > 0 then
    give_back(K, '', held)
    unsend(K, held)
    if valued and (duration > 0 or outcome == 'w') then
      held_states = annotate(K, held, held_states, values, outcome == 'c' and 'r' or 'e')
    end
    if outcome == 'w' then
      send_back(K, held, held_states, duration, counts)
    else
      finish(K, held, held_states, outcome, duration, table.concat(held, '\n'))
    end
  end
  returned = {}
  return follow(K, at, #held > 0, clustered)
end

local at = 6
for _ = 1, tonumber(ARGV[5]) do at = apply(at) end
return table.concat(answers)
