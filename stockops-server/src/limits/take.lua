-- Count one more in a sliding window: the times of the last ones, in microseconds, by the clock of Redis.
-- KEYS[1] the window; ARGV: how many at most, the period in microseconds. 0 where it was counted, else how long to wait.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local most, period = tonumber(ARGV[1]), tonumber(ARGV[2])
if most == 0 then return period end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - period))
local count = redis.call('ZCARD', KEYS[1])
if count < most then
  -- A second one of the same microsecond needs a name of its own.
  local name = string.format('%.0f', now)
  while redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', now), name) == 0 do name = name .. '+' end
  redis.call('PEXPIRE', KEYS[1], math.ceil(period / 1000))
  return 0
end
local first = redis.call('ZRANGE', KEYS[1], count - most, count - most, 'WITHSCORES')
return math.max(1, first[2] + period - now)
