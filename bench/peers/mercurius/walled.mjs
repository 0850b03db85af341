// One request's transaction: its connection is taken with the first statement, and given back after COMMIT.

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class Walled {
  #pool;
  #opening;
  #client;

  constructor(pool, { school, person }) {
    if (!UUID.test(school) || !UUID.test(person)) throw new Error("no such school or person");
    this.#pool = pool;
    this.#opening = `BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL app.school_id = '${school}';
      SET LOCAL app.person = '${person}'; SET LOCAL app.capacity = 'STAFF';
      SET LOCAL plan_cache_mode = force_generic_plan`;
  }

  async query(asked) {
    this.#client ??= this.#open();
    return (await this.#client).query(asked);
  }

  async #open() {
    const client = await this.#pool.connect();
    try {
      await client.query(this.#opening);
    } catch (error) {
      client.release(error);
      throw error;
    }
    return client;
  }

  async end() {
    if (this.#client === undefined) return;
    const client = await this.#client;
    try {
      await client.query("COMMIT");
      client.release();
    } catch (error) {
      client.release(error);
      throw error;
    }
  }
}
