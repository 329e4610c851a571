-- ARGV: how many reports, then for each id, attempt, claim, '1' if begun, whether it has progress, that, how many log lines, and those.
-- Answers for each '1' applied or '0' lost.
local K = queue_at(1)
allow_when_full()
local answers = {}
local at = 2
for i = 1, tonumber(ARGV[1]) do
  local id, attempt, claim, begun, progressed, progress = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  local lines = tonumber(ARGV[at + 6])
  write_states_of(claim)
  local text = redis.call('HGET', K.state, id)
  local state = text and parse(text)
  if not state or state.st ~= 'a' or not is_of(state, attempt, claim) then
    answers[i] = '0'
  else
    local s = copy(state)
    if begun == '1' then s.flags = with(s.flags, 'b') end
    if progressed == '1' then
      redis.call('HSET', K.notes, 'p' .. id, progress)
      s.flags = with(s.flags, 'p')
    end
    if lines > 0 then
      append(K, 'l', { id }, { { unpack(ARGV, at + 7, at + 6 + lines) } }, 100)
      s.flags = with(s.flags, 'l')
    end
    redis.call('HSET', K.state, id, compose(s))
    answers[i] = '1'
  end
  at = at + 7 + lines
end
return table.concat(answers)
