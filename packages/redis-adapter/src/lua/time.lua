local clock = server_time()
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)
-- No duration ends before it is wholly over, so it begins with the next millisecond.
local from = math.ceil(micros / 1000)
