-- Something of a queue has to go at `time`: a record, a tombstone, or a key.
local function sweep_at(meta, time)
  local due = redis.call('HGET', meta, 'sweep')
  if not due or tonumber(due) > time then redis.call('HSET', meta, 'sweep', time) end
end
