local LARGE = 16 * 1024 -- a text beyond that would fill what the server keeps for a listener, so it is fetched

-- Ends lua/enqueue-one.lua. A claim that waits offers to hold a job under a name, for some time. One that was just stored, alone in its line, is given to it
-- with the news: that saves the way back. If the claim is the caller's, the answer is the news. Nothing else may be due then. If nobody hears it, nothing has
-- happened.
local jobs, ready = KEYS[1], KEYS[2]

-- Most calls hand nothing over, so these are not passed. All are at hand, since a cluster does without.
local function key(name)
  return string.sub(jobs, 1, -5) .. name
end

local waiters, meta, leases = key('waiters'), key('meta'), key('leases')

local function lease_to(offer, lease)
  redis.call('LPOP', ready)
  redis.call('HSET', key('state'), id, fresh_state(offer, now))
  redis.call('HSET', key('claims'), offer, id, '#' .. offer, 1)
  redis.call('ZADD', leases, from + tonumber(lease), offer)
  redis.call('HINCRBY', meta, 'active', 1)
end

local others = { key('single'), key('later'), key('front'), key('groups'), key('unique'), key('ghosts') }
if #text > LARGE or not is_plain_queue(meta, leases, unpack(others)) then
  if tell_waiter(waiter, jobs) == 0 then wake(waiters, jobs, false) end
  return {}
end
while waiter do
  local channel, offer, lease = string.match(waiter, '^(.*)\n(.*)\n(.*)$')
  if channel == ARGV[3] then
    lease_to(offer, lease)
    return { 0, offer, stamp }
  end
  if redis.call('PUBLISH', channel, table.concat({ jobs, offer, id, text }, '\n')) > 0 then
    lease_to(offer, lease)
    return {}
  end
  waiter = redis.call('ZPOPMIN', waiters)[1]
end
return {}
