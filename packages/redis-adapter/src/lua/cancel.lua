-- ARGV: whether this is a cluster, how many requests, then for each id, keep, how many batches follow, and those, each after the place of its queue's keys.
-- Answers for each 'x' cancelled, 'q' requested, 'f' finished or 'g' not found.
local K = queue_at(1)
allow_when_full()
write_all_states()
local clustered = ARGV[1] == '1'
local answers = {}
local at = 3
for i = 1, tonumber(ARGV[2]) do
  local id, keep = ARGV[at], tonumber(ARGV[at + 1])
  at = at + 2
  local text, state, st = look_up(K, id)
  if st == 'a' then
    local s = copy(state)
    s.flags = with(s.flags, 'q')
    redis.call('HSET', K.state, id, compose(s))
    answers[i] = 'q'
  elseif st == 'w' or st == 's' then
    displace(K, id, text, state)
    finish(K, { id }, { compose(state or unclaimed((traits(text)))) }, 'x', keep, id)
    wake_if_stirred(K, clustered)
    answers[i] = 'x'
  else
    answers[i] = st == 'g' and 'g' or 'f'
  end
  at = follow(K, at, answers[i] == 'x', clustered)
end
return table.concat(answers)
