-- Write the row of one ticker and view where it is not older than what is there: 1 if it was written, else 0.
-- KEYS: the hash. ARGV: field of the event, field of the creation, seconds and nanoseconds of the event, those of the creation,
-- then fields and contents for HSET, the two fields above among them.

-- Seconds and nanoseconds of a google.protobuf.Timestamp. A number in ten bytes is below zero: its complement is read.
local function read(bytes)
  local found = { 0, 0 }
  local place = 1
  while place <= #bytes do
    local number = math.floor(bytes:byte(place) / 8)
    local first, last = place + 1, place + 1
    while bytes:byte(last) >= 128 do last = last + 1 end
    local negative = last - first == 9
    local value, unit = 0, 1
    for i = first, math.min(last, first + 8) do
      local seven = bytes:byte(i) % 128
      value = value + (negative and 127 - seven or seven) * unit
      unit = unit * 128
    end
    found[number] = negative and -value - 1 or value
    place = last + 1
  end
  return found
end

local function is_before(one, other)
  return one[1] < other[1] or (one[1] == other[1] and one[2] < other[2])
end

local stored = redis.call('HMGET', KEYS[1], ARGV[1], ARGV[2])
if stored[1] then
  local event, there = { tonumber(ARGV[3]), tonumber(ARGV[4]) }, read(stored[1])
  if is_before(event, there) then return 0 end
  -- What was kept of the creation counts for the event that it names: Feast may have written another since.
  local own = 3 + #stored[1]
  if not is_before(there, event) and stored[2] and stored[2]:sub(3, own - 1) == stored[1] then
    local created = { tonumber(ARGV[5]), tonumber(ARGV[6]) }
    if is_before(created, read(stored[2]:sub(own + 2))) then return 0 end
  end
end
redis.call('HSET', KEYS[1], unpack(ARGV, 7))
return 1
