local LARGE = 16 * 1024 -- a text beyond that would fill what the server keeps for a listener, so it is fetched

-- Ends lua/enqueue-one.lua. A claim that waits offers to hold a job under a name, for some time. One that was just stored, alone in its line, is given to it
-- with the news: that saves the way back. Nothing else may be due then. If nobody hears it, nothing has happened.
local jobs, ready = KEYS[1], KEYS[2]

-- Most calls hand nothing over, so these are not passed. All are at hand, since a cluster does without.
local function key(name)
  return string.sub(jobs, 1, -5) .. name
end

local waiters, meta, leases = key('waiters'), key('meta'), key('leases')

local function hand_over()
  local others = { key('single'), key('later'), key('front'), key('groups'), key('unique'), key('ghosts') }
  if #text > LARGE or not is_plain_queue(meta, leases, unpack(others)) then return wake(waiters, jobs, false) end
  while true do
    local waiter = redis.call('ZPOPMIN', waiters)[1]
    if not waiter then return end
    local channel, offer, lease = string.match(waiter, '^(.*)\n(.*)\n(.*)$')
    if redis.call('PUBLISH', channel, table.concat({ jobs, offer, id, text }, '\n')) > 0 then
      redis.call('LPOP', ready)
      redis.call('HSET', key('state'), id, fresh_state(offer))
      redis.call('HSET', key('claims'), offer, id, '#' .. offer, 1)
      redis.call('ZADD', leases, from + tonumber(lease), offer)
      redis.call('HINCRBY', meta, 'active', 1)
      return
    end
  end
end

hand_over()
return {}
