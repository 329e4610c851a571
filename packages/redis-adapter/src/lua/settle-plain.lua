local plain_groups, left = read_plain(2)
local sweep_due = redis.call('HGET', meta, 'sweep')
-- What is due leaves on the long way.
if plain_groups and not (sweep_due and tonumber(sweep_due) <= now) then
  allow_when_full()
  settle_plain(plain_groups, left)
  return {}
end
