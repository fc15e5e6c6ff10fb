-- Set tokens of a day's budget aside. KEYS[1] the count of the day; ARGV: tokens, budget, seconds to keep it. 1 where they fit.
local spent = tonumber(redis.call('GET', KEYS[1]) or '0')
if spent + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
