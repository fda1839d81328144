-- What Slipway had written when its schema was at step 3; tests/it/upgrades.rs starts the gateway on it.
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
INSERT INTO "_sqlx_migrations" VALUES(1,'conversations','2026-11-01 00:00:00',1,X'BA52017FFBA356B032293D7A82965DDEEA5D64201F9458A1212A3BE25A1ABAEAD53D4023752E43165148A002D0BCFB91',1000);
INSERT INTO "_sqlx_migrations" VALUES(2,'access','2026-11-01 00:00:00',1,X'D29FF3CE6959C4EE30651CEEA1258E92F1D94244294D2E86D0043BAF2CB84B54E2203D1A80F76DDDE33FF819B6DA0E14',1000);
INSERT INTO "_sqlx_migrations" VALUES(3,'budgets','2026-11-01 00:00:00',1,X'BA7958D5F8167B6E7FA1A8C4739469D6E2DCBA2A7A76394B78C0D3D8DBFFDAFEA581C1E73DE66E7323EBA729AB2855EB',1000);
CREATE TABLE call_output (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    call_id TEXT NOT NULL,
    start_byte BIGINT NOT NULL,
    end_byte BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (conversation_id, call_id, start_byte)
);
CREATE TABLE calls (
    invocation_id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    run_id TEXT NOT NULL,
    call_id TEXT NOT NULL,
    tool TEXT NOT NULL,
    status TEXT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    run_id TEXT,
    run_started_at BIGINT,
    problem TEXT,
    provider_id TEXT NOT NULL,
    model TEXT NOT NULL,
    scripted BIGINT NOT NULL,
    usage TEXT NOT NULL,
    context_used BIGINT NOT NULL,
    context_limit BIGINT,
    context_files TEXT NOT NULL,
    entry_count BIGINT NOT NULL,
    message_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
, purse_id TEXT, prompt TEXT);
INSERT INTO "conversations" VALUES('conv_old','An old one','done','run_old',NULL,NULL,'script','scripted',0,'{}',15,NULL,'[]',2,2,1000,2000,'conv_old',NULL);
INSERT INTO "conversations" VALUES('conv_cut','Cut off','running','run_cut',1500,NULL,'script','scripted',0,'{}',0,NULL,'[]',1,1,1500,1600,'conv_cut',NULL);
CREATE TABLE entries (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (conversation_id, ordinal)
);
INSERT INTO "entries" VALUES('conv_old',1,'user','{"type":"user","id":"msg_1","text":"Say something old.","attachments":[],"origin":"person","created_at":1000}');
INSERT INTO "entries" VALUES('conv_old',2,'assistant','{"type":"assistant","id":"msg_2","step":1,"text":"Something old.","reasoning":"","opaque":{},"tool_calls":[],"finish":"stop","usage":null,"model":"scripted","created_at":1900}');
INSERT INTO "entries" VALUES('conv_cut',1,'user','{"type":"user","id":"msg_3","text":"Never answered.","attachments":[],"origin":"person","created_at":1500}');
CREATE TABLE event_log (
    id BIGINT PRIMARY KEY,
    epoch TEXT NOT NULL,
    seq BIGINT NOT NULL
);
INSERT INTO "event_log" VALUES(1,'0123456789abcdef0123456789abcdef',4);
CREATE TABLE events (
    seq BIGINT PRIMARY KEY,
    conversation_id TEXT,
    for_user BIGINT NOT NULL,
    delta_of TEXT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL
);
INSERT INTO "events" VALUES(4,'conv_cut',0,NULL,'run.status','{"type":"run.status","status":"running","run_id":"run_cut","step":0,"started_at":1500}',1600);
CREATE TABLE login_links (
    token_hash TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    run_id TEXT,
    role TEXT NOT NULL,
    attachments TEXT NOT NULL,
    client_id TEXT,
    created_at BIGINT NOT NULL
);
INSERT INTO "messages" VALUES('msg_1','conv_old',1,'run_old','user','[]','c1',1000);
INSERT INTO "messages" VALUES('msg_2','conv_old',2,'run_old','assistant','[]',NULL,1900);
INSERT INTO "messages" VALUES('msg_3','conv_cut',1,'run_cut','user','[]','c2',1500);
CREATE TABLE parts (
    id TEXT PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL
);
INSERT INTO "parts" VALUES('part_1','msg_1','conv_old',0,'done','{"id":"part_1","message_id":"msg_1","state":"done","body":{"type":"text","text":"Say something old."},"started_at":1000,"ended_at":1000}');
INSERT INTO "parts" VALUES('part_2','msg_2','conv_old',0,'done','{"id":"part_2","message_id":"msg_2","state":"done","body":{"type":"text","text":"Something old."},"started_at":1900,"ended_at":1900}');
INSERT INTO "parts" VALUES('part_3','msg_3','conv_cut',0,'done','{"id":"part_3","message_id":"msg_3","state":"done","body":{"type":"text","text":"Never answered."},"started_at":1500,"ended_at":1500}');
CREATE TABLE providers (
    id TEXT PRIMARY KEY,
    profile TEXT NOT NULL,
    name TEXT NOT NULL,
    base_url TEXT NOT NULL,
    models TEXT NOT NULL,
    extra_body TEXT NOT NULL,
    api_key TEXT,
    created_at BIGINT NOT NULL
);
INSERT INTO "providers" VALUES('script','custom','Old model','http://127.0.0.1:9/v1','["scripted"]','{}',NULL,900);
CREATE TABLE purses (
    id TEXT PRIMARY KEY,
    own TEXT NOT NULL,
    steps BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    cost_micros BIGINT NOT NULL,
    time_ms BIGINT NOT NULL
);
INSERT INTO "purses" VALUES('conv_cut','{}',0,0,0,0);
INSERT INTO "purses" VALUES('conv_old','{}',0,0,0,0);
CREATE TABLE queue (
    message_id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL,
    urgent BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    text TEXT NOT NULL,
    attachments TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO "queue" VALUES('msg_4','conv_cut',1,0,'c3','Waits.','[]',1550);
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    model TEXT NOT NULL,
    step BIGINT NOT NULL,
    problem TEXT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
, open_call TEXT);
INSERT INTO "runs" VALUES('run_old','conv_old','done','script','scripted',1,NULL,1000,2000,NULL);
INSERT INTO "runs" VALUES('run_cut','conv_cut','running','script','scripted',0,NULL,1500,NULL,NULL);
CREATE TABLE sends (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    run_id TEXT,
    PRIMARY KEY (conversation_id, client_id)
);
INSERT INTO "sends" VALUES('conv_old','c1','msg_1','run_old');
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE TABLE settings (
    id BIGINT PRIMARY KEY,
    body TEXT NOT NULL
);
INSERT INTO "settings" VALUES(1,'{"instructions":"Be old."}');
CREATE INDEX events_by_conversation ON events (conversation_id, seq);
CREATE INDEX events_for_user ON events (seq) WHERE for_user = 1;
CREATE INDEX events_by_delta ON events (delta_of, seq) WHERE delta_of IS NOT NULL;
CREATE INDEX conversations_by_update ON conversations (updated_at, id);
CREATE UNIQUE INDEX messages_in_order ON messages (conversation_id, ordinal);
CREATE INDEX parts_in_order ON parts (message_id, ordinal);
CREATE INDEX parts_open ON parts (conversation_id) WHERE state = 'streaming';
CREATE INDEX queue_in_order ON queue (conversation_id, urgent, ordinal);
CREATE INDEX runs_by_conversation ON runs (conversation_id, started_at);
CREATE INDEX calls_by_run ON calls (run_id);
CREATE INDEX conversations_by_purse ON conversations (purse_id);
COMMIT;
