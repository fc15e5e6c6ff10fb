-- Every step of the queue as one script, so that each is done whole or not at all. It is told the settings, a verb and its
-- arguments, and answers with a word and what belongs to it. Keys, below a common beginning in braces that keeps them on one
-- node of a cluster:
--
--   seq             counts tasks               all             tasks in the order of their pushes, by that count
--   task:ID         a task, field by field     queued:LANE     queued tasks by the time that they are due
--   entries:ID      its entries                running         running tasks by the end of their lease
--   behind:ID       tasks that wait for its end
--   key:KEY         the task that is queued    ended           ended tasks by the time of their end
--   alias:ALIAS     the task that was pushed last
--
-- Times are milliseconds by the clock of the server. Members of `queued` begin with the count of their push, so that of two
-- that are due at the same time the older one is first.

local root, verb = KEYS[1], ARGV[2]
local config = cjson.decode(ARGV[1])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

local function integer(number) return string.format('%.0f', number) end

local function key(...) return root .. table.concat({ ... }, ':') end

local function find(id)
  local flat, task = redis.call('HGETALL', key('task', id)), {}
  for i = 1, #flat, 2 do task[flat[i]] = flat[i + 1] end
  return task.id and task or nil
end

local function shown(id)
  local task = find(id)
  return task and cjson.encode(task) or ''
end

local function set(id, ...) redis.call('HSET', key('task', id), ...) end

local function member(task) return string.format('%016.0f:', tonumber(task.seq)) .. task.id end

local function append(id, kind, body)
  local number = redis.call('HINCRBY', key('task', id), 'last_entry', 1)
  local entry = cjson.encode({ seq = integer(number), at = integer(now), kind = kind, body = body })
  redis.call('RPUSH', key('entries', id), entry)
  redis.call('LTRIM', key('entries', id), -config.entries, -1)
  return number
end

local function queue_again(task, due, attempts, err)
  set(task.id, 'state', 'queued', 'due', integer(due), 'attempts', integer(attempts))
  if err then set(task.id, 'error', err) end
  redis.call('ZREM', key('running'), task.id)
  redis.call('ZADD', key('queued', task.lane), integer(due), member(task))
  append(task.id, 'state', cjson.encode({ state = 'queued', error = err }))
end

local function close(task, state, result, err)
  set(task.id, 'state', state, 'ended', integer(now))
  if result then set(task.id, 'result', result) end
  if err then set(task.id, 'error', err) end
  redis.call('ZREM', key('running'), task.id)
  redis.call('ZREM', key('queued', task.lane), member(task))
  redis.call('ZADD', key('ended'), integer(now), task.id)
  redis.call('DEL', key('key', task.key))
  append(task.id, 'state', cjson.encode({ state = state, error = err }))
  for _, id in ipairs(redis.call('SMEMBERS', key('behind', task.id))) do
    local other = find(id)
    if other and other.state == 'queued' then
      redis.call('ZADD', key('queued', other.lane), other.due, member(other))
    end
  end
  redis.call('DEL', key('behind', task.id))
end

-- The task that a grip holds.
local function held(id, token)
  local task = find(id)
  return task and task.state == 'running' and task.token == token and task or nil
end

local function is_too_long(task) return tonumber(task.taken) + config.longest < now end

local function sweep()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('running'), '-inf', '(' .. integer(now))) do
    local task = find(id)
    if not task then
      redis.call('ZREM', key('running'), id)
    elseif task.cancel == '1' then
      close(task, 'cancelled')
    elseif is_too_long(task) then
      close(task, 'failed', nil, config.too_long)
    elseif tonumber(task.attempts) >= config.attempts then
      close(task, 'failed', nil, config.orphaned)
    else
      queue_again(task, tonumber(task.due), tonumber(task.attempts), config.orphaned)
    end
  end
end

local function queued() return redis.call('ZCARD', key('queued', 0)) + redis.call('ZCARD', key('queued', 1)) end

local verbs = {}

function verbs.push(id, alias, name, lane, owner, work, due, behind)
  local known = redis.call('GET', key('key', name))
  if known then return { 'known', shown(known) } end
  if queued() >= config.most_queued then return { 'full' } end
  local seq = redis.call('INCR', key('seq'))
  due = due ~= '' and due or integer(now)
  set(id, 'id', id, 'seq', integer(seq), 'alias', alias, 'key', name, 'lane', lane, 'work', work, 'state', 'queued',
    'attempts', 0, 'token', 0, 'cancel', 0, 'created', integer(now), 'due', due, 'last_entry', 0)
  if owner ~= '' then set(id, 'owner', string.sub(owner, 2)) end
  redis.call('SET', key('key', name), id)
  redis.call('SET', key('alias', alias), id)
  redis.call('ZADD', key('all'), integer(seq), id)
  local first = behind ~= '' and find(behind) or nil
  local waits = first and not first.ended
  if waits then redis.call('SADD', key('behind', behind), id) end
  if behind ~= '' then set(id, 'behind', behind) end
  redis.call('ZADD', key('queued', lane), waits and '+inf' or due, member(find(id)))
  append(id, 'state', '{"state":"queued"}')
  return { 'new', shown(id) }
end

function verbs.take(worker, ...)
  sweep()
  for _, lane in ipairs({ ... }) do
    local due = redis.call('ZRANGEBYSCORE', key('queued', lane), '-inf', integer(now), 'LIMIT', 0, 1)
    if due[1] then
      local id = string.sub(due[1], 18)
      redis.call('ZREM', key('queued', lane), due[1])
      redis.call('ZADD', key('running'), integer(now + config.lease), id)
      local attempt = redis.call('HINCRBY', key('task', id), 'attempts', 1)
      redis.call('HINCRBY', key('task', id), 'token', 1)
      set(id, 'state', 'running', 'worker', worker, 'taken', integer(now))
      append(id, 'state', '{"state":"running","attempt":' .. integer(attempt) .. '}')
      return { 'taken', shown(id) }
    end
  end
  return { 'none' }
end

function verbs.renew(id, token)
  local task = held(id, token)
  if not task then return { 'lost' } end
  if is_too_long(task) then return { 'too_long' } end
  redis.call('ZADD', key('running'), integer(now + config.lease), id)
  return { task.cancel == '1' and 'cancel' or 'go_on' }
end

function verbs.tell(id, token, kind, body)
  if not held(id, token) then return { 'lost' } end
  return { 'told', integer(append(id, kind, body)) }
end

function verbs.finish(id, token, outcome, text)
  local task = held(id, token)
  if not task then
    task = find(id)
    local is_same = task and task.token == token and task.ended
    return is_same and { 'ended', shown(id) } or { 'lost' }
  end
  local attempts = tonumber(task.attempts)
  if outcome == 'done' then
    close(task, 'done', text)
  elseif outcome == 'cancelled' then
    close(task, 'cancelled')
  elseif outcome == 'again' and attempts < config.attempts and task.cancel ~= '1' then
    queue_again(task, now + config.backoff * 2 ^ math.min(attempts - 1, 20), attempts, text)
  else
    close(task, 'failed', nil, text)
  end
  return { 'ended', shown(id) }
end

function verbs.release(id, token, after)
  local task = held(id, token)
  if not task then return { 'lost' } end
  if task.cancel == '1' then
    close(task, 'cancelled')
  else
    -- One that may go on at once keeps its place.
    local due = after == '0' and tonumber(task.due) or now + tonumber(after)
    queue_again(task, due, math.max(tonumber(task.attempts) - 1, 0))
  end
  return { 'released', shown(id) }
end

function verbs.cancel(id)
  local task = find(id)
  if not task then return { 'none' } end
  if task.state == 'queued' then close(task, 'cancelled') end
  if task.state == 'running' then set(id, 'cancel', 1) end
  return { 'task', shown(id) }
end

function verbs.task(id) return { 'task', shown(id) } end

function verbs.newest(alias) return { 'task', shown(redis.call('GET', key('alias', alias)) or '') } end

function verbs.tasks(state, most)
  local answer, most, from = { 'tasks' }, tonumber(most), 0
  while #answer <= most do
    local ids = redis.call('ZREVRANGE', key('all'), integer(from), integer(from + 199))
    if #ids == 0 then break end
    for _, id in ipairs(ids) do
      if #answer <= most and (state == '' or redis.call('HGET', key('task', id), 'state') == state) then
        answer[#answer + 1] = shown(id)
      end
    end
    from = from + 200
  end
  return answer
end

function verbs.entries(id, after, most)
  local length = redis.call('LLEN', key('entries', id))
  local last = tonumber(redis.call('HGET', key('task', id), 'last_entry') or 0)
  local first = math.max(tonumber(after) + 1 - (last - length + 1), 0)
  local entries = redis.call('LRANGE', key('entries', id), integer(first), integer(first + tonumber(most) - 1))
  table.insert(entries, 1, 'entries')
  return entries
end

function verbs.depth()
  local oldest
  for lane = 0, 1 do
    local due = redis.call('ZRANGEBYSCORE', key('queued', lane), '-inf', integer(now), 'WITHSCORES', 'LIMIT', 0, 1)[2]
    oldest = due and math.min(tonumber(due), oldest or math.huge) or oldest
  end
  local counts = { key('queued', 0), key('queued', 1), key('running') }
  for i, name in ipairs(counts) do counts[i] = integer(redis.call('ZCARD', name)) end
  return { 'depth', counts[1], counts[2], counts[3], oldest and integer(oldest) or '' }
end

function verbs.purge()
  sweep()
  local before = integer(now - config.keep_ended)
  local old = redis.call('ZRANGEBYSCORE', key('ended'), '-inf', '(' .. before, 'LIMIT', 0, 1000)
  for _, id in ipairs(old) do
    local alias = redis.call('HGET', key('task', id), 'alias')
    if alias and redis.call('GET', key('alias', alias)) == id then redis.call('DEL', key('alias', alias)) end
    redis.call('DEL', key('task', id), key('entries', id))
    redis.call('ZREM', key('ended'), id)
    redis.call('ZREM', key('all'), id)
  end
  return { 'purged', integer(#old) }
end

return verbs[verb](unpack(ARGV, 3))
