CREATE TABLE announcement_files (
    announcement_id INTEGER NOT NULL,
    media_type VARCHAR(100) NOT NULL,
    data BLOB NOT NULL,
    CONSTRAINT pk_announcement_files PRIMARY KEY (announcement_id),
    CONSTRAINT fk_announcement_files_announcement_id_announcements FOREIGN KEY(announcement_id) REFERENCES announcements (id) ON DELETE CASCADE
);
CREATE TABLE announcements (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind VARCHAR(10) NOT NULL,
    origin VARCHAR(120),
    author INTEGER,
    made_at DATETIME NOT NULL,
    body TEXT NOT NULL,
    revision INTEGER NOT NULL,
    correction TEXT,
    file_kind VARCHAR(10),
    file_name VARCHAR(200),
    file_key VARCHAR(300),
    audience VARCHAR(10) NOT NULL,
    target VARCHAR(64) NOT NULL,
    falls_back BOOLEAN NOT NULL,
    begin_at DATETIME,
    daytime BOOLEAN NOT NULL,
    expires_at DATETIME,
    state VARCHAR(10) NOT NULL,
    begun_at DATETIME,
    ended_at DATETIME,
    corrected_at DATETIME,
    recalled_at DATETIME,
    planned INTEGER NOT NULL,
    progress_chat BIGINT,
    progress_message BIGINT,
    progress_language VARCHAR(2),
    reported BOOLEAN NOT NULL,
    CONSTRAINT fk_announcements_author_people FOREIGN KEY(author) REFERENCES people (id) ON DELETE SET NULL,
    CONSTRAINT uq_announcements_origin UNIQUE (origin)
);
CREATE TABLE conversations (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL,
    question_id INTEGER,
    opened_at DATETIME NOT NULL,
    last_at DATETIME NOT NULL,
    closed_at DATETIME,
    closed_by VARCHAR(10),
    CONSTRAINT fk_conversations_person_id_people FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE,
    CONSTRAINT fk_conversations_question_id_questions FOREIGN KEY(question_id) REFERENCES questions (id) ON DELETE SET NULL
);
CREATE TABLE copies (
    id INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    letter_id INTEGER,
    chat BIGINT NOT NULL,
    message BIGINT NOT NULL,
    CONSTRAINT pk_copies PRIMARY KEY (id),
    CONSTRAINT fk_copies_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
    CONSTRAINT fk_copies_letter_id_letters FOREIGN KEY(letter_id) REFERENCES letters (id) ON DELETE CASCADE,
    CONSTRAINT uq_copies_chat UNIQUE (chat, message)
);
CREATE TABLE deliveries (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    announcement_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    language VARCHAR(2) NOT NULL,
    todo VARCHAR(10),
    claimed_at DATETIME,
    attempts INTEGER NOT NULL,
    not_before DATETIME,
    outcome VARCHAR(10),
    reason VARCHAR(200),
    uncertain BOOLEAN NOT NULL,
    chat BIGINT,
    message BIGINT,
    sent_at DATETIME,
    revision INTEGER NOT NULL,
    changed VARCHAR(10),
    CONSTRAINT fk_deliveries_announcement_id_announcements FOREIGN KEY(announcement_id) REFERENCES announcements (id) ON DELETE CASCADE,
    CONSTRAINT fk_deliveries_person_id_people FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE,
    CONSTRAINT uq_deliveries_announcement_id UNIQUE (announcement_id, person_id)
);
CREATE TABLE inbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL,
    action VARCHAR(64) NOT NULL,
    made_at DATETIME NOT NULL,
    seen_at DATETIME,
    CONSTRAINT fk_inbox_person_id_people FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);
CREATE TABLE learned (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    entry VARCHAR(40),
    language VARCHAR(2) NOT NULL,
    text VARCHAR(200) NOT NULL,
    added_by INTEGER,
    added_at DATETIME NOT NULL,
    undone_by INTEGER,
    undone_at DATETIME,
    merged_at DATETIME,
    CONSTRAINT fk_learned_added_by_people FOREIGN KEY(added_by) REFERENCES people (id) ON DELETE SET NULL,
    CONSTRAINT fk_learned_undone_by_people FOREIGN KEY(undone_by) REFERENCES people (id) ON DELETE SET NULL
);
CREATE TABLE leases (
    name VARCHAR(20) NOT NULL,
    holder VARCHAR(64) NOT NULL,
    epoch INTEGER NOT NULL,
    until DATETIME NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (name)
);
CREATE TABLE letter_files (
    letter_id INTEGER NOT NULL,
    name VARCHAR(200) NOT NULL,
    media_type VARCHAR(100) NOT NULL,
    data BLOB NOT NULL,
    CONSTRAINT pk_letter_files PRIMARY KEY (letter_id),
    CONSTRAINT fk_letter_files_letter_id_letters FOREIGN KEY(letter_id) REFERENCES letters (id) ON DELETE CASCADE
);
CREATE TABLE letters (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL,
    from_staff BOOLEAN NOT NULL,
    kind VARCHAR(10) NOT NULL,
    text TEXT,
    chat BIGINT,
    message BIGINT,
    sent_at DATETIME NOT NULL,
    CONSTRAINT fk_letters_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
    CONSTRAINT uq_letters_chat UNIQUE (chat, message)
);
CREATE TABLE notes (
    name VARCHAR(64) NOT NULL,
    value VARCHAR(200) NOT NULL,
    CONSTRAINT pk_notes PRIMARY KEY (name)
);
CREATE TABLE people (
    id INTEGER NOT NULL,
    channel VARCHAR(20) NOT NULL,
    name VARCHAR(64) NOT NULL,
    language VARCHAR(2),
    since DATETIME NOT NULL, entry VARCHAR(40), entry_at DATETIME, username VARCHAR(32), blocked_at DATETIME, zone VARCHAR(64), hinted VARCHAR(2),
    CONSTRAINT pk_people PRIMARY KEY (id),
    CONSTRAINT uq_people_channel UNIQUE (channel, name)
);
CREATE TABLE questions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL,
    source VARCHAR(64),
    asked_at DATETIME NOT NULL,
    text TEXT,
    language VARCHAR(2) NOT NULL,
    outcome VARCHAR(10) NOT NULL,
    entry VARCHAR(40),
    score DOUBLE NOT NULL,
    feedback INTEGER,
    handed_over_at DATETIME,
    settled VARCHAR(10),
    settled_by INTEGER,
    settled_at DATETIME,
    lesson_id INTEGER,
    telling_at DATETIME,
    told_at DATETIME,
    CONSTRAINT fk_questions_lesson_id_learned FOREIGN KEY(lesson_id) REFERENCES learned (id) ON DELETE SET NULL,
    CONSTRAINT fk_questions_person_id_people FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE,
    CONSTRAINT fk_questions_settled_by_people FOREIGN KEY(settled_by) REFERENCES people (id) ON DELETE SET NULL,
    CONSTRAINT uq_questions_person_id UNIQUE (person_id, source)
);
CREATE TABLE seen_sessions (
    session VARCHAR(40) NOT NULL,
    known TEXT NOT NULL,
    pending TEXT,
    pending_since DATETIME,
    withdrawn BOOLEAN NOT NULL,
    moved_at DATETIME,
    offering_at DATETIME,
    offered_at DATETIME,
    CONSTRAINT pk_seen_sessions PRIMARY KEY (session)
);
CREATE TABLE staff (
    person_id INTEGER NOT NULL,
    added_by INTEGER,
    added_at DATETIME NOT NULL,
    CONSTRAINT pk_staff PRIMARY KEY (person_id),
    CONSTRAINT fk_staff_added_by_people FOREIGN KEY(added_by) REFERENCES people (id) ON DELETE SET NULL,
    CONSTRAINT fk_staff_person_id_people FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);
CREATE TABLE subscriptions (
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    kind VARCHAR(20) NOT NULL,
    target VARCHAR(64) NOT NULL,
    since DATETIME NOT NULL,
    CONSTRAINT pk_subscriptions PRIMARY KEY (id),
    CONSTRAINT fk_subscriptions_person_id_people FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE,
    CONSTRAINT uq_subscriptions_person_id UNIQUE (person_id, kind, target)
);
CREATE TABLE topics (
    person_id INTEGER NOT NULL,
    chat BIGINT NOT NULL,
    thread BIGINT NOT NULL,
    CONSTRAINT pk_topics PRIMARY KEY (person_id, chat),
    CONSTRAINT fk_topics_person_id_people FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);
CREATE TABLE updates (
    bot BIGINT NOT NULL,
    number BIGINT NOT NULL,
    chat VARCHAR(64),
    body TEXT,
    kept_at DATETIME NOT NULL,
    due_at DATETIME NOT NULL,
    tries INTEGER NOT NULL,
    holder VARCHAR(64),
    claimed_until DATETIME,
    done_at DATETIME,
    failure VARCHAR(200), lost INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT pk_updates PRIMARY KEY (bot, number)
);
CREATE INDEX ix_announcements_state ON announcements (state);
CREATE UNIQUE INDEX uq_conversations_open ON conversations (person_id) WHERE closed_at IS NULL;
CREATE INDEX ix_copies_conversation_id ON copies (conversation_id);
CREATE INDEX ix_copies_letter_id ON copies (letter_id);
CREATE INDEX ix_deliveries_person ON deliveries (person_id);
CREATE INDEX ix_deliveries_todo ON deliveries (announcement_id, id) WHERE todo IS NOT NULL;
CREATE INDEX ix_inbox_person_id ON inbox (person_id);
CREATE INDEX ix_letters_conversation_id ON letters (conversation_id);
CREATE INDEX ix_people_username ON people (username);
CREATE INDEX ix_questions_asked_at ON questions (asked_at);
CREATE INDEX ix_subscriptions_kind ON subscriptions (kind, target);
CREATE INDEX ix_topics_chat ON topics (chat, thread);
CREATE INDEX ix_updates_done_at ON updates (done_at);
CREATE INDEX ix_updates_in_turn ON updates (bot, chat, number) WHERE done_at IS NULL;
CREATE INDEX ix_updates_waiting ON updates (bot, number) WHERE done_at IS NULL;
