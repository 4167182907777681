import { createRequire } from "node:module"
import * as fs from "node:fs/promises"; import {createWriteStream} from "node:fs"; import {pipeline} from "node:stream/promises"; import {Readable} from "node:stream"
const { LocalStorage } = await import("/work/main/packages/local/src/index.ts")
const base = process.argv[2]
const body = Buffer.alloc(4096, 7), N = 2000
const med = a => a.sort((x,y)=>x-y)[a.length>>1]
async function time(fn, n=N){ const t=[]; const t0=performance.now(); for(let i=0;i<n;i++) await fn(i); return (performance.now()-t0)/n*1000 }
async function pair(name, floor, ours, rounds=9, n=1000){ const f=[],o=[]; for(let r=0;r<rounds;r++){ f.push(await time(i=>floor(r,i),n)); o.push(await time(i=>ours(r,i),n)) } console.log(name.padEnd(26), "floor", med(f).toFixed(1), "ours", med(o).toFixed(1), "ratio", (med(o)/med(f)).toFixed(2)) }
const raw = await fs.mkdtemp(base+"/raw-"); await fs.mkdir(raw+"/tmp"); await fs.mkdir(raw+"/d")
const dir = await fs.mkdtemp(base+"/our-"); const s = new LocalStorage(dir)
let c=0
const rawSave = async (r,i,p="") => { const t=raw+"/tmp/"+(c++); const h = await fs.open(t,"wx"); await h.write(body); await h.close(); const f=`${raw}/${p}f${r}-${i}`; await fs.link(t,f); await fs.unlink(t) }
const rawWrite = async (r,i) => { const t=raw+"/tmp/"+(c++); const h = await fs.open(t,"wx"); await h.write(body); await h.close(); await fs.rename(t,`${raw}/same`) }
await s.save("d/x", body)
await pair("save flat", rawSave, (r,i)=>s.save(`f${r}-${i}`, body))
await pair("save nested", (r,i)=>rawSave(r,i,"d/"), (r,i)=>s.save(`d/f${r}-${i}`, body))
await pair("write replace", rawWrite, ()=>s.write("same", body))
await pair("read flat", (r,i)=>fs.readFile(`${raw}/f${r}-${i}`), (r,i)=>s.open(`f${r}-${i}`).bytes())
await pair("read nested", (r,i)=>fs.readFile(`${raw}/d/f${r}-${i}`), (r,i)=>s.open(`d/f${r}-${i}`).bytes())
await pair("exists flat", (r,i)=>fs.lstat(`${raw}/f${r}-${i}`), (r,i)=>s.exists(`f${r}-${i}`))
await pair("exists nested", (r,i)=>fs.lstat(`${raw}/d/f${r}-${i}`), (r,i)=>s.exists(`d/f${r}-${i}`))
await pair("delete flat", (r,i)=>fs.unlink(`${raw}/f${r}-${i}`), (r,i)=>s.delete(`f${r}-${i}`))
await pair("delete nested", (r,i)=>fs.unlink(`${raw}/d/f${r}-${i}`), (r,i)=>s.delete(`d/f${r}-${i}`))
await pair("save with metadata", rawSave.bind(null), (r,i)=>s.save(`m${r}-${i}`, body, {cacheControl:"no-store"}), 3, 500)
// list
const L = base+"/list-"+Date.now(); await fs.mkdir(L)
for (let d=0; d<100; d++){ await fs.mkdir(`${L}/d${d}`); await Promise.all(Array.from({length:1000},(_,i)=>fs.writeFile(`${L}/d${d}/f${i}`,"x"))) }
const ls = new LocalStorage(L)
for (let r=0;r<2;r++){
let t=performance.now(); const e=(await fs.readdir(L,{recursive:true,withFileTypes:true})); const f=performance.now()-t
t=performance.now(); let k=0; const files=e.filter(x=>x.isFile()); const st = async()=>{while(k<files.length){const x=files[k++]; await fs.lstat(x.parentPath+"/"+x.name)}}; await Promise.all(Array.from({length:64},st)); const f2=performance.now()-t
t=performance.now(); let n=0; for await (const _ of ls.list()) n++; const o=performance.now()-t
console.log("list 100k", n, "readdir rec", f.toFixed(0), "+lstats", (f+f2).toFixed(0), "ours", o.toFixed(0), "ratio", (o/f).toFixed(2), (o/(f+f2)).toFixed(2))
}
const chunk = Buffer.alloc(64*1024,1); const G=2*1024**3
function* gen(){ for(let i=0;i<G/chunk.length;i++) yield chunk }
async function* agen(){ for(let i=0;i<G/chunk.length;i++) yield chunk }
for (let r=0;r<2;r++){
let t=performance.now(); await pipeline(Readable.from(gen()), createWriteStream(raw+"/big")); const f=performance.now()-t; await fs.unlink(raw+"/big")
t=performance.now(); await s.write("big", Readable.from(gen())); const o=performance.now()-t
t=performance.now(); let n=0; for await (const c of s.open("big")) n+=c.length; const rd=performance.now()-t
await s.delete("big")
console.log("2GiB stream floor", f.toFixed(0), "ours", o.toFixed(0), "ratio", (o/f).toFixed(2), "read", rd.toFixed(0), n, "rss", (process.memoryUsage().rss/1e6).toFixed(0))
}
await fs.rm(raw,{recursive:true}); await fs.rm(dir,{recursive:true}); await fs.rm(L,{recursive:true})
