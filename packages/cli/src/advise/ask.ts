// The questions that decide, asked one after the other in plain words. Answers are checked as they are given.
import { type Answers, answersSchema, contradictionsIn, type WrittenAnswers } from '@anymote/advise';
import { Failure } from '../failure.ts';

/** Asks everything. @throws {Failure} where somebody leaves */
export async function askAnswers(): Promise<Answers> {
  const prompts = await import('@clack/prompts');
  const { cancel, confirm, intro, isCancel, log, select, text } = prompts;
  const left = (): Failure => {
    cancel('Nothing was decided.');
    return new Failure('asked no further', 2);
  };
  const fields = answersSchema.shape;
  const asked = async <Name extends keyof typeof fields>(
    name: Name,
    message: string,
    placeholder: string,
    number = false,
  ): Promise<string | number> => {
    const value = await text({
      message,
      placeholder,
      defaultValue: placeholder,
      validate: (given) => {
        const own = given === undefined || given === '' ? placeholder : given;
        const result = fields[name].safeParse(number ? Number(own) : own);
        return result.success ? undefined : (result.error.issues[0]?.message ?? 'not understood');
      },
    });
    if (isCancel(value)) throw left();
    return number ? Number(value) : value;
  };
  const chosen = async <Value extends string>(
    message: string,
    options: Readonly<Record<Value, string>>,
  ): Promise<Value> => {
    const entries = Object.entries(options) as [Value, string][];
    const value = await select<string>({ message, options: entries.map(([own, label]) => ({ value: own, label })) });
    if (isCancel(value)) throw left();
    return value as Value;
  };
  const yes = async (message: string, initialValue = false): Promise<boolean> => {
    const value = await confirm({ message, initialValue });
    if (isCancel(value)) throw left();
    return value;
  };

  intro('Where should this model run?');
  for (;;) {
    const devices = await asked('devices', 'How many devices?', '100', true);
    const sites = await asked('sites', 'At how many places? Devices of one place could share a gateway.', '1', true);
    const months = await asked('months', 'For how many months?', '36', true);
    const rate = await asked('rate', 'How often does one device infer?', '1/min');
    const latency = await asked('latency', 'Within what time is an answer of use?', '500ms');
    const network = await chosen('What network is there, where they run?', {
      wired: 'wired, fast and stable',
      wifi: 'Wi-Fi',
      mobile: 'mobile (4G, 5G)',
      lpwan: 'narrow and cheap (LoRaWAN, NB-IoT)',
      satellite: 'satellite',
      none: 'none',
    });
    const onBattery = await yes('Do the devices live on batteries?');
    const battery = onBattery ? String(await asked('battery', 'Which?', '2600mAh@3V')) : undefined;
    const life = onBattery ? await asked('life', 'How long must one last?', '1y') : undefined;
    const sensitive = await yes('Are faces, voices or health among the data?');
    const dataMustStay = await yes('Must the data stay where it arises, by law, contract or prudence?');
    const collectData =
      network !== 'none' && !dataMustStay && (await yes('Are all inputs to be collected in one place?'));
    const learning = await chosen('How often does the model learn from new data?', {
      yearly: 'about once a year',
      monthly: 'every month',
      never: 'never',
      daily: 'every day',
      continual: 'all the time',
    });
    const anySize = await yes('May the model become of any size?');
    const limited = await yes('Is there a budget?');
    const budget = limited ? await asked('budget', 'How much, in US dollars, for all of it?', '10000') : undefined;
    const written: Record<string, unknown> = {
      devices,
      sites,
      months,
      rate,
      latency,
      network,
      sensitive,
      dataMustStay,
      collectData,
      learning,
      anySize,
    };
    for (const [name, value] of Object.entries({ battery, life, budget }))
      if (value !== undefined) written[name] = value;
    // Every answer was checked by its own part of the schema.
    const answers = answersSchema.parse(written satisfies Partial<Record<keyof WrittenAnswers, unknown>>);
    const found = contradictionsIn(answers);
    if (found.length === 0) return answers;
    for (const one of found) log.error(one);
    log.message('These do not go together; once more.');
  }
}
