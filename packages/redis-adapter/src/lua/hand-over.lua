local LARGE = 16 * 1024 -- a text beyond that would fill what the server keeps for a listener, so it is fetched

-- A claim that waits offers to hold a job under a name, for some time. One that was just stored, alone in its line, is given to it with the news: that saves
-- the way back. Nothing else may be due then. If nobody hears it, nothing has happened.
local function hand_over(jobs, ready, waiters, id, text)
  if redis.call('EXISTS', waiters) == 0 then return end
  -- Most calls hand nothing over, so these keys are not passed. All are at hand, since a cluster does without.
  local function key(name) return string.sub(jobs, 1, -5) .. name end
  local meta, leases = key('meta'), key('leases')
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
