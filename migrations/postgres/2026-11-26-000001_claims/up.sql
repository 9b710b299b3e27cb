-- The claims desk: where a claim stands, who confirmed its fact, who answers, and what was published.
ALTER TABLE claims ADD COLUMN state text COLLATE "C" NOT NULL DEFAULT 'ready';
ALTER TABLE claims ADD COLUMN seen_at timestamptz;
ALTER TABLE claims ADD COLUMN fact_by uuid REFERENCES users(id);
ALTER TABLE claims ADD COLUMN fact_at timestamptz;
ALTER TABLE claims ADD COLUMN confirmed_by uuid REFERENCES users(id);
ALTER TABLE claims ADD COLUMN confirmed_at timestamptz;
ALTER TABLE claims ADD COLUMN answer_unit_id uuid REFERENCES units(id);
ALTER TABLE claims ADD COLUMN answer_user_id uuid REFERENCES users(id);
ALTER TABLE claims ADD COLUMN taken_up_at timestamptz;
ALTER TABLE claims ADD COLUMN answers bigint NOT NULL DEFAULT 0;
ALTER TABLE claims ADD COLUMN is_public boolean NOT NULL DEFAULT false;
ALTER TABLE claims ADD COLUMN ended_at timestamptz;
ALTER TABLE claims ADD COLUMN ended_reason text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE claims ADD COLUMN version integer NOT NULL DEFAULT 1;
CREATE INDEX claims_state ON claims(state, id);
CREATE INDEX claims_answer_unit ON claims(answer_unit_id, id) WHERE answer_unit_id IS NOT NULL;
CREATE INDEX claims_public ON claims(id) WHERE is_public;
CREATE INDEX tasks_claim ON tasks(target_claim_id) WHERE target_claim_id IS NOT NULL;

-- Registered posts that answer a claim; one post answers one claim.
CREATE TABLE claim_answers (
  post_id uuid PRIMARY KEY REFERENCES posts(id),
  claim_id uuid NOT NULL REFERENCES claims(id),
  added_at timestamptz NOT NULL,
  added_by uuid REFERENCES users(id)
);
CREATE INDEX claim_answers_claim ON claim_answers(claim_id, post_id);

-- What was on file before facts were confirmed by a second person counts as confirmed, by nobody who is named.
UPDATE claims SET fact_by = filed_by, fact_at = filed_at, confirmed_at = filed_at;
INSERT INTO claim_answers (post_id, claim_id, added_at)
  SELECT p.id, t.target_claim_id, p.registered_at FROM tasks t
  JOIN assignments a ON a.task_id = t.id JOIN posts p ON p.wave_id = t.wave_id AND p.assignment_id = a.id
  WHERE t.target_claim_id IS NOT NULL AND p.removed_at IS NULL;
UPDATE claims SET answers = (SELECT count(*) FROM claim_answers x WHERE x.claim_id = claims.id);
UPDATE claims SET state = 'answering', taken_up_at = filed_at
  WHERE EXISTS (SELECT 1 FROM tasks t WHERE t.target_claim_id = claims.id);
