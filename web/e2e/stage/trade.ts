/** A working day on the stage: shops with accounts at several providers, some of them in trouble, so that no page is empty. */
import type { Stage } from "./stage";

export interface Trade {
  readonly partner: string;
  readonly integration: string;
  readonly webhook: string;
  readonly delivery: string;
  readonly event: string;
  readonly incident: string;
}

const SHOPS: readonly { readonly name: string; readonly accounts: readonly (readonly [type: string, provider: string])[] }[] = [
  { name: "Kopi Senja Nusantara", accounts: [["payment_gateway", "midtrans"], ["payment_gateway", "xendit"], ["whatsapp", "fonnte"], ["email_smtp", "mailgun"]] },
  { name: "Batik Kawung Yogyakarta", accounts: [["payment_gateway", "stripe"], ["whatsapp", "wablas"]] },
  { name: "Rumah Makan Sederhana Bu Tini", accounts: [["payment_gateway", "midtrans"], ["whatsapp", "fonnte"]] },
  { name: "Toko Buku Cendekia", accounts: [["payment_gateway", "xendit"], ["email_smtp", "sendgrid"]] },
  { name: "Apotek Sehat Sentosa", accounts: [["whatsapp", "wablas"]] },
];
const OUTLETS = [["Kemang Raya", "JKT-01"], ["Dago Atas", "BDG-02"], ["Malioboro", "YOG-03"]];
const PEOPLE = [["Rina Kusumawati", "rina@kopisenja.example", "admin"], ["Agus Prasetyo", "agus@kopisenja.example", "operator"], ["Dewi Lestari", "dewi@kopisenja.example", "viewer"]];
const KEYS = [["Kasir Kemang", "operator"], ["Laporan bulanan", "viewer"], ["Gudang pusat", "admin"]];
const PAID = "payment.success";
const WAIT = 20_000;

/** Waits until `look` finds something. */
async function found<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + WAIT;
  while (Date.now() < end) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolved) => setTimeout(resolved, 150));
  }
  throw new Error(`${what} did not come about`);
}

export async function trade(stage: Stage): Promise<Trade> {
  const { hub, simulator, key } = stage;
  const api = <T>(method: string, path: string, body?: unknown) => hub.api<T>(key, method, path, body);
  const tested = async (id: string, times: number) => {
    // A failed test is an answer that is no success, which `hub.api` would throw.
    for (let count = 0; count < times; count += 1) await fetch(`${hub.url}/api/admin/integrations/${id}/test`, { method: "POST", headers: { authorization: `Bearer ${key}` } });
  };
  const partners: string[] = [];
  const accounts = new Map<string, { id: string; inboundUrl: string }>();
  for (const shop of SHOPS) {
    const partner = await stage.partner(shop.name);
    partners.push(partner);
    for (const [type, provider] of shop.accounts) {
      const made = await stage.integration(partner, type, provider);
      accounts.set(`${partners.length - 1} ${provider}`, made);
    }
  }
  const account = (shop: number, provider: string) => {
    const made = accounts.get(`${shop} ${provider}`);
    if (!made) throw new Error(`shop ${shop} has no ${provider}`);
    return made;
  };
  const [partner = ""] = partners;
  for (const [name, code] of OUTLETS) await api("POST", `/api/admin/partners/${partner}/outlets`, { name, code });
  for (const [name, email, role] of PEOPLE) await api("POST", "/api/admin/users", { email, name, role, partnerId: null, password: "sandi-untuk-uji-2026" });
  for (const [name, role] of KEYS) await api("POST", "/api/admin/api-keys", { name, role });

  const main = account(0, "midtrans");
  const target = (name: string, events?: string[]) => ({ webhookUrl: simulator.receiverUrl(name), retryAttempts: 0, ...(events ? { events } : {}) });
  await simulator.receiver("gudang", "500");
  const { id: webhook } = await api<{ id: string }>("POST", `/api/admin/integrations/${main.id}/webhooks`, target("kasir"));
  await api("POST", `/api/admin/integrations/${main.id}/webhooks`, target("gudang"));

  for (const { id } of accounts.values()) await tested(id, 3);
  for (const [seed, kind] of ["settlement", "pending", "settlement", "expire", "settlement", "refund", "capture", "deny", "settlement"].entries())
    await simulator.notify("midtrans", kind, 100 + seed, main.inboundUrl);
  await simulator.notify("midtrans", "settlement", 150, main.inboundUrl, "forged");

  await simulator.fault("fonnte", "500");
  await tested(account(0, "fonnte").id, 8);
  await simulator.fault("fonnte", null);
  await simulator.fault("wablas", "wrong_key");
  await tested(account(4, "wablas").id, 6);
  await simulator.fault("wablas", null);
  await simulator.fault("stripe", "500");
  await tested(account(1, "stripe").id, 1);
  await simulator.fault("stripe", null);
  await tested(account(1, "stripe").id, 6);
  await tested(main.id, 8);

  const delivery = await found("a delivery", async () => {
    const made = await api<{ id: string; eventType: string; lastResponseStatus: number | null }[]>("GET", `/api/admin/webhooks/${webhook}/deliveries`);
    return made.find((one) => one.eventType === PAID && one.lastResponseStatus === 200);
  });
  const event = await found("an event", async () => {
    const made = await api<{ id: string; type: string }[]>("GET", `/api/admin/integrations/${main.id}/events`);
    return made.find((one) => one.type === PAID);
  });
  const incident = await found("an incident", async () => (await api<{ id: string }[]>("GET", "/api/admin/incidents"))[0]);
  return { partner, integration: main.id, webhook, delivery: delivery.id, event: event.id, incident: incident.id };
}
