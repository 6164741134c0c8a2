//! The scripts that run on a Redis server. Each is about one key, its `KEYS[1]`, so that a cluster can run it on the
//! server that has the key, also while the key moves to another one. What a script does happens at once or not at all.
//! An error of the server ends each of them, except where a key holds something else than a text: that is no record.

/// Returns the record's value and its expiry in milliseconds. The value is nil, and the expiry is not
/// [`NO_KEY`](super::NO_KEY), for a key that holds something else than a text.
pub(super) const READ: &str = "
    local value = redis.pcall('GET', KEYS[1])
    if type(value) == 'table' then
        if string.sub(value.err, 1, 9) ~= 'WRONGTYPE' then return value end
        value = false
    end
    return { value, redis.call('PEXPIRETIME', KEYS[1]) }
";

/// Removes the record if its value begins with `ARGV[1]`; any key that exists, if `ARGV[1]` is empty. Returns what
/// [`READ`] returns for the key before, whether it was removed, and what the server says of its replicas, or nil if it
/// refuses to.
pub(super) const REMOVE: &str = "
    local value = redis.pcall('GET', KEYS[1])
    if type(value) == 'table' then
        if string.sub(value.err, 1, 9) ~= 'WRONGTYPE' then return value end
        value = false
    end
    local expiry = redis.call('PEXPIRETIME', KEYS[1])
    local removed = 0
    if ARGV[1] == '' or (value and string.sub(value, 1, #ARGV[1]) == ARGV[1]) then
        removed = redis.call('DEL', KEYS[1])
    end
    local replication = redis.pcall('INFO', 'replication')
    if type(replication) ~= 'string' then replication = false end
    return { value, expiry, removed, replication }
";

/// Sets the record to `ARGV[2]` if it holds `ARGV[1]`, and keeps its time to live. Returns 1 if it holds `ARGV[2]` now.
pub(super) const REPLACE: &str = "
    local value = redis.pcall('GET', KEYS[1])
    if type(value) == 'table' and string.sub(value.err, 1, 9) ~= 'WRONGTYPE' then return value end
    if value == ARGV[1] then
        redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
        return 1
    end
    if value == ARGV[2] then
        return 1
    end
    return 0
";

/// Adds the name `ARGV[1]`, which expires at `ARGV[2]`, to an owner's set, and drops the names that expired by
/// `ARGV[3]`, all in seconds. The set is kept as long as its longest-lived member. Another record may have the name
/// already, and expire later.
pub(super) const OWN: &str = "
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
    redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
    redis.call('EXPIREAT', KEYS[1], ARGV[2], 'NX')
    redis.call('EXPIREAT', KEYS[1], ARGV[2], 'GT')
";

/// Moves the expiry of the name `ARGV[1]`, if an owner's set has it, to `ARGV[2]` in seconds, unless it is later already.
pub(super) const KEEP_OWNING: &str = "
    redis.call('ZADD', KEYS[1], 'XX', 'GT', ARGV[2], ARGV[1])
    redis.call('EXPIREAT', KEYS[1], ARGV[2], 'GT')
";
